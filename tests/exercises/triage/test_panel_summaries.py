"""What is kept of the panel's rows against what is computed from the records."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any
from unittest.mock import patch as patched

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.accounts import consents
from backend.accounts.models import Clinic, Leave, Membership, Patient, User
from backend.accounts.services import update_profile
from exercises.plans.models import PauseReason, PhaseId, PlanPause
from exercises.plans.schedule import DAY
from exercises.triage import panel_summaries
from exercises.triage.levels import Level
from exercises.triage.models import Alert, AlertStatus, NextEvaluation, PanelSummary
from exercises.triage.panel import PanelRow, rows_for
from exercises.triage.panel_checking import Comparison, compare
from exercises.triage.panel_pages import panel_page
from exercises.triage.panel_queries import Asked, Sort
from exercises.triage.panel_summaries import fall_of, folded, rank_of, refresh
from exercises.triage.services import (
    acknowledge,
    evaluate_due,
    plan_next_evaluation,
    resolve,
)
from tests.backend.dashboard.records import (
    RULES,
    heard,
    make_alert,
    make_pain,
    make_plan,
    make_prescription,
    make_session,
    wrote,
)
from tests.factories import make_care, make_patient, make_therapist

NAMES = ("Zoë", "zoe", "Ärger", "Anna", "Ł ukasz", "İpek", "Pia Patient", "")
Act = Callable[["Clinician", Patient, datetime], None]


class Clinician:
    """The therapist, and what she and her patients do in a random history."""

    def __init__(self, user: User) -> None:
        self.user = user


def clearly_sorted(rows: Sequence[PanelRow], sort: Sort) -> list[PanelRow]:
    """The clear way to sort: in Python, over rows that were computed."""
    orders: dict[Sort, Callable[[PanelRow], Any]] = {
        "risk": rank_of,
        "silence": lambda row: (not row.diary_shared, row.last_report_at or row.since),
        "pain_change": lambda row: fall_of(row.pain),
        "name": lambda _row: (),
    }
    return sorted(rows, key=lambda row: (orders[sort](row), folded(row.name), row.id))


def clearly_chosen(rows: Sequence[PanelRow], asked: Asked, now: datetime) -> list[PanelRow]:
    """The clear way to filter."""
    quiet = now - timedelta(days=2)

    def fits(row: PanelRow) -> bool:
        return (
            folded(asked.name) in folded(row.name)
            and asked.level in (None, row.level)
            and asked.phase in ("", row.phase)
            and asked.plan in (None, row.plan_state)
            and (not asked.unread or any(reason.waits for reason in row.reasons))
            and (
                not asked.silent
                or (row.diary_shared and (row.last_report_at or row.since) <= quiet)
            )
        )

    return [row for row in rows if fits(row)]


def raise_alert(who: Clinician, one: Patient, now: datetime) -> None:
    level = [*RULES][now.day % len(RULES)]
    make_alert(one, now=now, level=level)


def see_alert(who: Clinician, one: Patient, now: datetime) -> None:
    alert = Alert.objects.filter(patient=one, status=AlertStatus.OPEN).first()
    if alert is not None:
        acknowledge(alert=alert, by=who.user, now=now)


def close_alert(who: Clinician, one: Patient, now: datetime) -> None:
    alert = Alert.objects.filter(patient=one, status=AlertStatus.OPEN).last()
    if alert is not None:
        resolve(alert=alert, by=who.user, reason="Seen", now=now)


def log_pain(who: Clinician, one: Patient, now: datetime) -> None:
    if not one.pain_days.filter(local_date=now.date()).exists():
        make_pain(one, day=now.date(), knee=now.day % 11, leg=now.month % 11)
    heard(one, at=now)


def exercise(who: Clinician, one: Patient, now: datetime) -> None:
    make_session(one, day=now.date(), now=now, exercise="EX-01")


def sync_only(who: Clinician, one: Patient, now: datetime) -> None:
    Patient.objects.filter(pk=one.pk).update(last_synced_at=now)


def begin_plan(who: Clinician, one: Patient, now: datetime) -> None:
    if not one.plans.filter(closed_at=None).exists():
        plan = make_plan(one, start=now.date(), now=now, phase=PhaseId.REHAB)
        make_prescription(plan, slots=("morning", "evening"))


def rest_or_resume(who: Clinician, one: Patient, now: datetime) -> None:
    plan = one.plans.filter(closed_at=None).first()
    if plan is None:
        return
    wrote(one)
    if not plan.pauses.filter(ended_at=None).update(ended_at=now):
        PlanPause.objects.create(plan=plan, reason=PauseReason.THERAPIST, started_at=now)


def share_or_hide(who: Clinician, one: Patient, now: datetime) -> None:
    shares = consents.granted(one.pk, "diary", now)
    consents.answer(patient_id=one.pk, scope="diary", granted=not shares, text_version=1, now=now)


def move_away(who: Clinician, one: Patient, now: datetime) -> None:
    user = User.objects.get(pk=one.pk)
    zones = ("Pacific/Auckland", "America/Los_Angeles", "Europe/Berlin")
    update_profile(user=user, changes={"time_zone": zones[now.day % 3]}, now=now)


ACTS: tuple[Act, ...] = (
    raise_alert, see_alert, close_alert, log_pain, log_pain, exercise, sync_only, begin_plan,
    rest_or_resume, share_or_hide, move_away,
)  # fmt: skip


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(ACTS), st.integers(0, 40), st.booleans()),
        min_size=4,
        max_size=24,
    ),
    asked=st.builds(
        Asked,
        sort=st.sampled_from(["risk", "silence", "pain_change", "name"]),
        name=st.sampled_from(["", "", "ZOE", "a"]),
        level=st.sampled_from([None, None, *Level]),
        phase=st.sampled_from(["", "", "rehab"]),
        plan=st.sampled_from([None, None, "active", "paused"]),
        silent=st.booleans(),
        unread=st.booleans(),
    ),
    limit=st.integers(1, 5),
)
def test_after_any_history_the_panel_shows_what_the_records_say(
    clinic: Clinic, now: datetime, steps: list[Any], asked: Asked, limit: int
) -> None:
    therapist = make_therapist(now=now, clinic=clinic)
    people = [make_patient(now=now, name=name) for name in NAMES[:4]]
    for one in people:
        make_care(patient=one, therapist=therapist, clinic=clinic, now=now)
    who, at = Clinician(therapist), now
    for place, act, hours, looks in steps:
        act(who, people[place], at)
        at += timedelta(hours=hours)
        if looks:
            panel_page(therapist, at)
            assert compare([one.pk for one in people], at).stale == 0
    computed = rows_for([one.pk for one in people], at, language="en")
    assert compare([one.pk for one in people], at).wrong == ()
    wanted = clearly_sorted(clearly_chosen(computed, asked, at), asked.sort)
    found: list[PanelRow] = []
    page = panel_page(therapist, at, asked, limit=limit)
    while True:
        found += page.rows
        if page.end is None:
            break
        page = panel_page(therapist, at, asked, limit=limit, after=page.end)
    assert found == wanted
    assert page.tally.found == len(wanted)
    assert page.tally.total == len(people)


def test_a_summary_holds_for_one_local_day(
    therapist: User, patient: Patient, now: datetime
) -> None:
    plan = make_plan(patient, start=date(2026, 5, 1), now=now)
    [row] = panel_page(therapist, now).rows
    [tomorrow] = panel_page(therapist, now + DAY).rows
    [back] = panel_page(therapist, now).rows
    assert (row.day, tomorrow.day, back) == (3, 4, row)
    assert plan.patient_id == patient.pk


def test_the_night_prepares_the_rows_of_the_new_day(patient: Patient, now: datetime) -> None:
    make_plan(patient, start=date(2026, 5, 1), now=now)
    plan_next_evaluation(patient=patient, now=now)
    midnight = NextEvaluation.objects.get(patient=patient).due_at
    assert evaluate_due(now=midnight) == 1
    assert compare([patient.pk], midnight) == Comparison(right=1)


def test_a_row_that_cannot_be_prepared_stops_no_night(
    patient: Patient, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("exercises.triage.services.daily.refresh", fail)
    plan_next_evaluation(patient=patient, now=now)
    assert evaluate_due(now=now + DAY) == 1


def test_a_name_is_found_without_case_and_accents(
    therapist: User, clinic: Clinic, now: datetime
) -> None:
    for name in ("Jörg Müller", "Jana 100% _x_"):
        one = make_patient(now=now, name=name)
        make_care(patient=one, therapist=therapist, clinic=clinic, now=now)

    def names(text: str) -> list[str]:
        return [row.name for row in panel_page(therapist, now, Asked(name=text)).rows]

    assert names("MULLER") == names("müller") == ["Jörg Müller"]
    assert names("%") == names("_") == ["Jana 100% _x_"]


def test_whom_a_therapist_stands_in_for_is_named_and_can_be_listed_alone(
    therapist: User, stranger: User, patient: Patient, clinic: Clinic, now: datetime
) -> None:
    own = make_patient(now=now, name="Own")
    make_care(patient=own, therapist=stranger, clinic=clinic, now=now)
    membership = Membership.objects.get(user=therapist)
    Leave.objects.create(membership=membership, backup=stranger, started_at=now)
    page = panel_page(stranger, now, Asked(sort="name"))
    assert [(row.name, row.on_behalf_of) for row in page.rows] == [
        ("Own", ""), ("Pia Patient", "Theo Therapist"),
    ]  # fmt: skip
    assert page.tally.covered == 1
    for behalf, names in (("own", ["Own"]), ("covered", ["Pia Patient"])):
        some = panel_page(stranger, now, Asked(on_behalf=behalf))  # type: ignore[arg-type]
        assert [row.name for row in some.rows] == names


def test_a_place_of_another_order_is_refused(therapist: User, now: datetime) -> None:
    with pytest.raises(ValueError, match="another order"):
        panel_page(therapist, now, Asked(sort="risk"), after=["a", "b"])


def test_somebody_erased_meanwhile_keeps_no_other_from_being_shown(
    therapist: User, patient: Patient, now: datetime
) -> None:
    real, tries = PanelSummary.objects.bulk_create, []

    def once(*args: Any, **kwargs: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise IntegrityError
        return real(*args, **kwargs)

    with patched.object(type(PanelSummary.objects), "bulk_create", side_effect=once):
        refresh([patient.pk], now)
    assert compare([patient.pk], now).right == 1


def test_the_command_tells_what_is_wrong_and_rebuilds_it(
    patient: Patient, set_clock: Callable[[datetime], None], now: datetime
) -> None:
    set_clock(now)

    def check(*words: str) -> str:
        out = StringIO()
        call_command("check_summaries", *words, stdout=out, stderr=StringIO())
        return out.getvalue()

    assert "0 summaries are right; 1 are stale or missing" in check()
    assert "1 summaries are right; 0 are stale" in check("--rebuild")
    PanelSummary.objects.update(level=Level.EMERGENCY_NOW)
    with pytest.raises(CommandError, match="The summaries of 1 patients are wrong"):
        check()
    assert "1 summaries are right" in check("--rebuild")


def test_rows_of_other_code_are_made_anew(
    therapist: User, patient: Patient, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel_page(therapist, now)
    PanelSummary.objects.update(content="[]", edition=panel_summaries.EDITION - 1)
    [row] = panel_page(therapist, now).rows
    assert row.name == "Pia Patient"
