"""Home care with cold and warmth, and emergency numbers."""

from typing import Annotated, Literal

from msgspec import Meta, field

from exercises.catalog.shapes.base import (
    Code,
    Content,
    Count,
    FactId,
    HomeCareModality,
    ReferenceId,
    RuleId,
    SymptomCode,
    Text,
)

HomeCareSite = Literal["back", "knee"]
PhoneNumber = Annotated[str, Meta(pattern=r"^[#0-9][0-9 ]*$")]
OptionalPhoneNumber = Annotated[str, Meta(pattern=r"^([#0-9][0-9 ]*)?$")]
CountryCode = Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]


class HomeCareTiming(Content, frozen=True, kw_only=True):
    """When cold or warmth is the default, counted from onset or flare start. `too_soon_text` names
    the `{hours}` between two cold packs, `too_long_text` the `{minutes}` that one may last."""

    ice_default_hours: Count
    ice_text: Text
    heat_text: Text
    ask_onset_text: Text
    too_soon_text: Text
    too_long_text: Text
    not_wrapped_text: Text
    heat_warmth_tag_hours: Count
    facts: tuple[FactId, ...]
    references: tuple[ReferenceId, ...]


class HomeCare(Content, frozen=True, kw_only=True):
    """One kind of home care with its timer, in minutes; `from_hours` after onset or flare start.

    `max_minutes` is where the timer stops hard, `gap_minutes` the least time between two sessions.
    `confirm` is asked before a timer that needs a wrapped pack may start. `after_exercise`: offered
    after exercise even when it is not the default.
    """

    id: HomeCareModality
    title: Text
    sites: tuple[HomeCareSite, ...]
    default_minutes: Count
    max_minutes: Count
    must_be_wrapped: bool
    skin_check_minutes: Count | None = None
    gap_minutes: Count = 0
    from_hours: Count = 0
    confirm: str = ""
    after_exercise: bool = False
    steps: tuple[Text, ...]
    facts: tuple[FactId, ...]
    references: tuple[ReferenceId, ...]


class HomeCareBlock(Content, frozen=True, kw_only=True):
    """A reason not to use cold or heat: any of the symptoms present or the rules open."""

    code: Code
    text: Text
    symptoms: tuple[SymptomCode, ...]
    rules: tuple[RuleId, ...]


class HomeCareFile(Content, frozen=True, kw_only=True):
    """home_care.toml."""

    licence: Text
    timing: HomeCareTiming
    modalities: tuple[HomeCare, ...] = field(name="modality")
    blocks: tuple[HomeCareBlock, ...] = field(name="block")


class EmergencyNumbers(Content, frozen=True, kw_only=True):
    """Numbers of one country; `also` reach the same service, `urgent_advice` "" is none known."""

    code: CountryCode
    name: Text
    emergency: PhoneNumber
    also: tuple[PhoneNumber, ...] = ()
    urgent_advice: OptionalPhoneNumber = ""


class EmergencyFile(Content, frozen=True, kw_only=True):
    """emergency_numbers.toml. `default` serves every country not listed, as `international`;
    `safety_net` names the `{number}`."""

    default: PhoneNumber
    international: Text
    safety_net: Text
    countries: tuple[EmergencyNumbers, ...] = field(name="country")
