"""The door to home care with cold and warmth."""

from django.http import HttpResponse
from msgspec import UNSET, UnsetType
from rest_framework.request import Request

from backend.core.api import Door, respond
from backend.core.conditional import unchanged
from backend.core.schema import describe
from backend.core.wire import Wire
from exercises.catalog import selectors
from exercises.catalog.content import catalog
from exercises.catalog.shapes import HomeCare, HomeCareModality, HomeCareSite
from exercises.catalog.wire import (
    CONTENT_HEADERS,
    SourceView,
    content_tag,
    kept,
    language_for,
    sources_of,
)


class HomeCareTimingView(Wire, frozen=True, kw_only=True):
    """Cold is the default for `ice_default_hours` after onset or the start of a flare, then warmth.

    Warmth of the knee reported within `heat_warmth_tag_hours` of heat may come from the heat.
    """

    ice_default_hours: int
    ice_text: str
    heat_text: str
    ask_onset_text: str
    heat_warmth_tag_hours: int
    sources: list[SourceView]


class HomeCareKind(Wire, frozen=True, kw_only=True):
    """One kind of home care. The timer starts at `default_minutes` and stops hard at `max_minutes`.

    `confirm` is asked before the timer starts; `gap_minutes` is the least pause before the next
    session; `from_hours` after onset or flare start it may first be used.
    """

    id: HomeCareModality
    title: str
    sites: list[HomeCareSite]
    default_minutes: int
    max_minutes: int
    gap_minutes: int
    from_hours: int
    skin_check_minutes: int | UnsetType = UNSET
    must_be_wrapped: bool
    confirm: str | UnsetType = UNSET
    after_exercise: bool
    steps: list[str]
    licence: str
    sources: list[SourceView]


class HomeCareBlockView(Wire, frozen=True, kw_only=True):
    """Not now: while any of these symptoms is present or any of these rules is open."""

    code: str
    text: str
    symptoms: list[str]
    rules: list[str]


class HomeCareContent(Wire, frozen=True, kw_only=True):
    """Timers, steps, and the reasons not to use them."""

    version: str
    timing: HomeCareTimingView
    items: list[HomeCareKind]
    blocks: list[HomeCareBlockView]


class HomeCareGuide(Door):
    @describe(
        "Home care with cold and warmth",
        response=HomeCareContent,
        status=(200, 304),
        errors=(401,),
        headers=CONTENT_HEADERS,
        tags=("content",),
    )
    def get(self, request: Request) -> HttpResponse:
        language = language_for(request._request, request.user)
        found = unchanged(request._request, content_tag(language), headers=kept(language))
        return found or respond(_content(language), headers=kept(language))


def _content(language: str) -> HomeCareContent:
    blocks = selectors.home_care_blocks(language=language)
    return HomeCareContent(
        version=selectors.content_version(),
        timing=_timing_view(language),
        items=[_view(item) for item in selectors.home_care(language=language)],
        blocks=[
            HomeCareBlockView(
                code=block.code,
                text=block.text,
                symptoms=list(block.symptoms),
                rules=list(block.rules),
            )
            for block in blocks
        ],
    )


def _timing_view(language: str) -> HomeCareTimingView:
    timing = selectors.home_care_timing(language=language)
    return HomeCareTimingView(
        ice_default_hours=timing.ice_default_hours,
        ice_text=timing.ice_text,
        heat_text=timing.heat_text,
        ask_onset_text=timing.ask_onset_text,
        heat_warmth_tag_hours=timing.heat_warmth_tag_hours,
        sources=sources_of(timing.facts, timing.references),
    )


def _view(item: HomeCare) -> HomeCareKind:
    return HomeCareKind(
        id=item.id,
        title=item.title,
        sites=list(item.sites),
        default_minutes=item.default_minutes,
        max_minutes=item.max_minutes,
        gap_minutes=item.gap_minutes,
        from_hours=item.from_hours,
        skin_check_minutes=UNSET if item.skin_check_minutes is None else item.skin_check_minutes,
        must_be_wrapped=item.must_be_wrapped,
        confirm=item.confirm or UNSET,
        after_exercise=item.after_exercise,
        steps=list(item.steps),
        licence=catalog().home_care_licence,
        sources=sources_of(item.facts, item.references),
    )
