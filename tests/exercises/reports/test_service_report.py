"""How a clinic's service is used, in counts in which nobody can be found."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from backend.accounts import consents
from backend.accounts.ending import EndReason, EndReasonCode
from backend.accounts.models import CareRelationship, Clinic, Patient, User
from backend.accounts.services import end_care, start_care
from exercises.reports.service_loading import report_of
from exercises.reports.service_report import Count, Enrolment, reasons_of, service_report
from exercises.tracking.models import FactType
from tests.backend.dashboard.records import make_fact, make_plan
from tests.factories import make_clinic, make_patient, make_therapist

DAY = timedelta(days=1)
CODES = EndReason.values
MAY, APRIL = date(2026, 5, 1), date(2026, 4, 1)


def enrolments(month: date, number: int, **fields: Any) -> list[Enrolment]:
    usual = {"started": True, "reported_near_day_30": None, "stopped": None}
    return [Enrolment(month=month, **(usual | fields)) for _ in range(number)]


def test_months_are_counted_each_and_together() -> None:
    rows = [*enrolments(MAY, 6), *enrolments(MAY, 5, started=False), *enrolments(APRIL, 7)]
    months, total = service_report(rows)
    assert [(one.month, one.enrolled.shown, one.started.shown) for one in months] == [
        (MAY, 11, 6),
        (APRIL, 7, 7),
    ]
    assert (total.enrolled, total.started) == (Count(18), Count(13))


def test_under_five_is_hidden_and_none_at_all_is_not() -> None:
    [month], _ = service_report(enrolments(MAY, 4))
    assert month.enrolled == Count(None)
    [month], _ = service_report(enrolments(MAY, 5))
    assert (month.enrolled, month.stopped_by_patient) == (Count(5), Count(0))


def test_what_is_left_of_the_base_gives_nobody_away() -> None:
    rows = [*enrolments(MAY, 8), *enrolments(MAY, 2, started=False)]
    [month], total = service_report(rows)
    assert (month.enrolled, month.started) == (Count(10), Count(None))
    assert total.started == Count(None)


def test_a_total_with_a_hidden_month_is_told_in_fives() -> None:
    months, total = service_report([*enrolments(MAY, 3), *enrolments(APRIL, 9)])
    assert [one.enrolled.shown for one in months] == [None, 9]
    assert total.enrolled == Count(10, is_rounded=True)


def join(clinic: Clinic, therapist: User, at: datetime) -> Patient:
    patient = make_patient(now=at)
    start_care(patient=patient, therapist=therapist, clinic=clinic, now=at)
    return patient


def test_activity_is_a_report_in_the_week_before_day_30(clinic: Clinic, now: datetime) -> None:
    therapist = make_therapist(now=now, clinic=clinic)
    begun = datetime(2026, 3, 2, 9, tzinfo=UTC)
    reported_on = {22: 5, 23: 5, 29: 5, 30: 5}
    for day, number in reported_on.items():
        for _ in range(number):
            patient = join(clinic, therapist, begun)
            make_plan(patient, start=begun.date(), now=begun)
            make_fact(
                patient,
                kind=FactType.PAIN,
                data={},
                day=begun.date() + day * DAY,
                now=begun + day * DAY,
            )
    [month], *_ = report_of(clinic, now)
    assert (month.month, month.due.shown, month.active.shown) == (date(2026, 3, 1), 20, 10)
    [early], *_ = report_of(clinic, begun + 30 * DAY - timedelta(seconds=1))
    assert early.due.shown == 0


def test_who_does_not_share_her_diary_is_not_known(clinic: Clinic, now: datetime) -> None:
    therapist = make_therapist(now=now, clinic=clinic)
    begun = now - 60 * DAY
    for number in range(10):
        patient = join(clinic, therapist, begun)
        make_plan(patient, start=begun.date(), now=begun)
        if number < 5:
            consents.answer(
                patient_id=patient.pk, scope="diary", granted=False, text_version=1, now=now
            )
    [month], *_ = report_of(clinic, now)
    assert (month.started.shown, month.due.shown) == (10, 5)


def test_it_tells_by_whom_care_was_ended(clinic: Clinic, now: datetime) -> None:
    therapist = make_therapist(now=now, clinic=clinic)
    second = make_therapist(now=now, clinic=clinic)
    hill = make_clinic(now=now, name="Hill")
    for number in range(20):
        patient = join(clinic, therapist, now)
        if number < 5:
            end(patient, by=patient.pk, now=now)
        elif number < 10:
            end(patient, by=therapist.pk, now=now)
        elif number < 15:  # handed over: she stays
            start_care(patient=patient, therapist=second, clinic=clinic, now=now)
            care = CareRelationship.objects.get(patient=patient, therapist=therapist)
            end_care(care=care, by=therapist.pk, now=now)
    [month], *_ = report_of(clinic, now + DAY)
    stops = (month.stopped_by_patient, month.stopped_by_clinic, month.stopped_by_system)
    assert [one.shown for one in stops] == [5, 5, 0]
    assert report_of(hill, now)[0] == ()


def end(patient: Patient, *, by: Any, now: datetime) -> None:
    care = CareRelationship.objects.get(patient=patient, ended_at=None)
    end_care(care=care, by=by, now=now)


def ended(number: int, reason: str) -> list[Enrolment]:
    return enrolments(MAY, number, stopped="patient", reason=reason)


def test_reasons_are_counted_of_those_whose_care_ended() -> None:
    rows = [*ended(6, "recovered"), *ended(9, "unknown"), *enrolments(MAY, 7, reason="unknown")]
    told = reasons_of(rows, CODES)
    assert (told["recovered"], told["unknown"], told["other"]) == (Count(6), Count(9), Count(0))


def test_a_rare_reason_is_hidden_and_is_not_what_the_others_leave() -> None:
    told = reasons_of([*ended(7, "recovered"), *ended(6, "no_time"), *ended(2, "other")], CODES)
    assert told["other"] == Count(None)
    assert told["recovered"] == told["no_time"] == Count(5, is_rounded=True)
    # The one beside a rare one would give it away.
    told = reasons_of([*ended(7, "recovered"), *ended(2, "other")], CODES)
    assert {told["recovered"], told["other"]} == {Count(None)}


def test_of_fewer_than_five_people_no_reason_is_told() -> None:
    assert {*reasons_of(ended(4, "recovered"), CODES).values()} == {Count(None)}
    assert {*reasons_of([], CODES).values()} == {Count(0)}


def test_the_reason_of_the_last_care_counts(clinic: Clinic, now: datetime) -> None:
    therapist = make_therapist(now=now, clinic=clinic)
    for _ in range(5):
        patient = join(clinic, therapist, now)
        ends: tuple[tuple[datetime, EndReasonCode], ...]
        ends = (now, "no_time"), (now + DAY, "recovered")
        for at, reason in ends:
            start_care(patient=patient, therapist=therapist, clinic=clinic, now=at)
            care = CareRelationship.objects.get(patient=patient, ended_at=None)
            end_care(care=care, by=patient.pk, reason=reason, now=at)
    *_, reasons = report_of(clinic, now + 2 * DAY)
    assert (reasons["recovered"], reasons["no_time"]) == (Count(5), Count(0))


def test_queries_do_not_grow_with_the_patients(
    clinic: Clinic, now: datetime, django_assert_num_queries: Any
) -> None:
    therapist = make_therapist(now=now, clinic=clinic)
    join(clinic, therapist, now)
    with django_assert_num_queries(6):
        report_of(clinic, now)
    for _ in range(7):
        end(join(clinic, therapist, now), by=therapist.pk, now=now)
    with django_assert_num_queries(6):
        report_of(clinic, now)
