"""The words around the list of patients, and what its addresses say."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.test import Client

from backend.accounts.models import Clinic, Leave, Membership, Patient, User
from backend.dashboard.presenters.panel import reason_lines
from backend.dashboard.presenters.panel_page import panel_frame, query_of
from backend.dashboard.views.panel import asked_of
from exercises.triage.levels import Level
from exercises.triage.panel_pages import PanelPage, Tally
from exercises.triage.panel_queries import Asked
from exercises.triage.reasons import Reason, Status
from tests.backend.dashboard.records import make_alert
from tests.factories import make_care, make_patient

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
PANEL = "/dashboard/"
Browse = Callable[[User | Patient], Client]


def reason(rule: str, hours: int, status: Status = "open", level: Level = Level.ROUTINE) -> Reason:
    since = NOW - timedelta(hours=hours)
    return Reason(uuid4(), rule, f"Text of {rule}", level, since, status, review_open=True)


def tally(**counts: Any) -> Tally:
    levels = dict.fromkeys(Level, 0) | counts.pop("levels", {})
    given = {"total": 9, "found": 9, "unread": 0, "silent": 0, "paused": 0, "covered": 0} | counts
    return Tally(levels=levels, **given)


def test_alerts_of_one_kind_are_one_line_with_their_number_and_the_oldest_instant() -> None:
    lines = reason_lines(
        [reason("A", 3), reason("B", 9, level=Level.PROMPT_DAYS), reason("A", 30, "acknowledged")],
        NOW,
        "UTC",
    )
    assert [(line.title, line.count, line.status) for line in lines] == [
        ("Text of B", 1, ""), ("Text of A", 2, "1 of 2 new"),
    ]  # fmt: skip
    assert lines[1].since.ago == "yesterday"


def test_what_was_withdrawn_is_a_line_of_its_own_behind_what_stands() -> None:
    lines = reason_lines([reason("A", 1, "retracted"), reason("A", 2, "acknowledged")], NOW, "UTC")
    assert [line.status for line in lines] == [
        "acknowledged", "withdrawn by the patient, still to be reviewed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "asked",
    [
        Asked(),
        Asked(sort="silence", name="ä & b", level=Level.NONE, phase="rehab", plan="paused"),
        Asked(silent=True, unread=True, on_behalf="covered"),
    ],
)
def test_an_address_says_what_was_asked_for(asked: Asked) -> None:
    assert asked_of(QueryDict(query_of(asked))) == asked


def test_what_an_address_says_wrongly_is_left_aside() -> None:
    query = QueryDict("sort=up&level=high&phase=9&plan=x&silent=yes&on_behalf=me&q=%00")
    assert asked_of(query) == Asked()


def test_a_filter_that_is_chosen_again_is_given_up_and_the_others_stay() -> None:
    asked = Asked(level=Level.ROUTINE, unread=True)
    frame = panel_frame(
        PanelPage((), tally(unread=3, levels={Level.ROUTINE: 2}), None), asked, skipped=0, cursor=""
    )
    unread = next(choice for choice in frame.states if choice.id == "only-unread")
    routine = next(choice for choice in frame.levels if choice.code == "routine")
    assert (unread.is_current, unread.query) == (True, "sort=risk&level=routine")
    assert (routine.is_current, routine.query) == (True, "sort=risk&unread=true")
    assert [choice.id for choice in frame.states] == ["only-unread"]


def test_an_emergency_that_is_not_on_the_page_is_counted() -> None:
    page = PanelPage((), tally(levels={Level.EMERGENCY_NOW: 2}), None)
    frame = panel_frame(page, Asked(sort="name"), skipped=50, cursor="")
    assert (frame.missed, frame.missed_query) == (2, "sort=risk&level=emergency_now")
    assert frame.summary == "9 patients · 2 emergency"
    assert frame.first_query == "sort=name"


def test_the_rows_name_whom_a_backup_stands_in_for(
    browse: Browse,
    therapist: User,
    stranger: User,
    patient: Patient,
    clinic: Clinic,
    now: datetime,
) -> None:
    User.objects.filter(pk=therapist.pk).update(name="<b>Theo</b>")
    membership = Membership.objects.get(user=therapist)
    Leave.objects.create(membership=membership, backup=stranger, started_at=now)
    text = browse(stranger).get(PANEL).content.decode()
    assert "For &lt;b&gt;Theo&lt;/b&gt;" in text
    assert "Standing in" in text


def test_pages_follow_each_other_and_a_refresh_stays_on_its_own(
    browse: Browse, therapist: User, patient: Patient, clinic: Clinic, now: datetime
) -> None:
    for number in range(60):
        one = make_patient(now=now, name=f"Number {number:02}")
        make_care(patient=one, therapist=therapist, clinic=clinic, now=now)
    client = browse(therapist)
    first = client.get(PANEL, {"sort": "name"})
    assert first.context["page"].range == "1 to 50 of 61"
    where = f"{PANEL}?{first.context['page'].next_query}"
    second = client.get(where)
    assert second.context["page"].range == "51 to 61 of 61"
    assert b"Number 49" in first.content
    assert b"Number 50" in second.content
    assert b"Number 49" not in second.content
    refreshed = f"{PANEL}?{second.context['here']}&seen={second.context['tag']}"
    assert client.get(refreshed, headers={"HX-Request": "true"}).status_code == 204
    make_alert(one, now=now)
    part = client.get(refreshed, headers={"HX-Request": "true"})
    assert b"<title>(1) My patients" in part.content
    assert b"Number 58" in part.content


def test_a_place_that_means_nothing_is_the_first_page(
    browse: Browse, therapist: User, patient: Patient
) -> None:
    answer = browse(therapist).get(PANEL, {"cursor": "nonsense"})
    assert answer.context["page"].first_query == ""
    assert b"Pia Patient" in answer.content
