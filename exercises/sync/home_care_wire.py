"""The shapes of home care as they travel, and how they are filled."""

from datetime import datetime
from typing import Literal

from msgspec import UNSET, UnsetType

from backend.accounts.models import Patient
from backend.core.wanted import Wanted, read
from backend.core.wire import Wire
from exercises.catalog import selectors as catalog
from exercises.catalog.shapes import HomeCareModality, HomeCareSite
from exercises.plans.models import RecoveryPlan
from exercises.plans.selectors import phase_of
from exercises.sync.fact_wire import WriteAnswer
from exercises.triage.home_care import Advice, Offer, Reason, Situation, advise
from exercises.triage.home_care_loading import guide, wanted_situation


class HomeCareReason(Wire, frozen=True, kw_only=True):
    """Why something is not offered, or was not well done."""

    code: str
    text: str


class HomeCareAdvice(Wire, frozen=True, kw_only=True):
    """One kind of home care with its timer (minutes).

    `status` default and optional may start now; later may from `earliest_at` on (absent: once it is
    known when the pain began); blocked may not, for its `reasons`. The timer stops hard at
    `max_minutes` and asks to look at the skin after `skin_check_minutes`. `confirm` is asked before
    it starts; a "no" means not now.
    """

    modality: HomeCareModality
    title: str
    status: Literal["default", "optional", "later", "blocked"]
    reasons: list[HomeCareReason]
    earliest_at: datetime | UnsetType = UNSET
    sites: list[HomeCareSite]
    default_minutes: int
    max_minutes: int
    skin_check_minutes: int | UnsetType = UNSET
    confirm: str | UnsetType = UNSET
    after_exercise: bool
    steps: list[str]


class HomeCareNow(Wire, frozen=True, kw_only=True):
    """Home care as advised now, the default first. `ask_onset`: a question whose answer (intake
    `episode_started_on`) decides between cold and warmth."""

    text: str
    ask_onset: str | UnsetType = UNSET
    items: list[HomeCareAdvice]


class HomeCareWritten(WriteAnswer, frozen=True, kw_only=True):
    """The answer of a write. It is kept whatever happened; `warnings` say what was not well done."""

    warnings: list[HomeCareReason]


def home_care_now(
    patient: Patient, plan: RecoveryPlan, *, language: str, now: datetime
) -> HomeCareNow:
    """What is advised at `now`, of the kinds that the plan's phase offers."""
    return home_care_in(read(situation_now(patient, plan, now)), plan, language=language, now=now)


def situation_now(patient: Patient, plan: RecoveryPlan, now: datetime) -> Wanted[Situation]:
    """What `home_care_in` needs, to be read with other things."""
    zone = patient.user.time_zone
    return wanted_situation(patient_id=patient.pk, plan=plan, zone=zone, at=now, known_by=now)


def home_care_in(
    situation: Situation, plan: RecoveryPlan, *, language: str, now: datetime
) -> HomeCareNow:
    """`home_care_now` after what was read."""
    offered = catalog.phase(phase_of(plan)).home_care
    return _view(advise(guide(language, offered), situation, now))


def reason_views(reasons: tuple[Reason, ...]) -> list[HomeCareReason]:
    """Reasons as they travel."""
    return [HomeCareReason(code=reason.code, text=reason.text) for reason in reasons]


def _view(advice: Advice) -> HomeCareNow:
    return HomeCareNow(
        text=advice.text,
        ask_onset=advice.ask_onset or UNSET,
        items=[_offer_view(offer) for offer in advice.offers],
    )


def _offer_view(offer: Offer) -> HomeCareAdvice:
    item = offer.modality
    return HomeCareAdvice(
        modality=item.id,
        title=item.title,
        status=offer.status,
        reasons=reason_views(offer.reasons),
        earliest_at=offer.earliest or UNSET,
        sites=list(item.sites),
        default_minutes=item.default_minutes,
        max_minutes=item.max_minutes,
        skin_check_minutes=UNSET if item.skin_check_minutes is None else item.skin_check_minutes,
        confirm=item.confirm or UNSET,
        after_exercise=item.after_exercise,
        steps=[] if offer.status == "blocked" else list(item.steps),
    )
