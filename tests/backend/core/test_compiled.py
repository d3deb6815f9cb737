"""Compiled reads: the same rows as the queryset they are made of, whatever the arguments."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db.models import Exists, OuterRef, Q, QuerySet
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Patient, User
from backend.core.compiled import Compiled, NotCompilable, compiled
from exercises.tracking.models import DayPain, Fact, FactType

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@compiled
def facts(patient_id: UUID, since: datetime, named: Sequence[UUID], old: bool) -> QuerySet[Fact]:
    wanted = Q(occurred_at__gte=since, type=FactType.PAIN) | Q(id__in=named)
    rows = Fact.objects.filter(wanted, patient_id=patient_id)
    return rows.order_by("row") if old else rows.order_by("-row")


@compiled
def days(patient_id: UUID, first: date, last: date) -> QuerySet[DayPain]:
    later = DayPain.objects.filter(patient_id=patient_id, local_date__gt=OuterRef("local_date"))
    rows = DayPain.objects.filter(patient_id=patient_id, local_date__range=(first, last))
    return rows.annotate(is_followed=Exists(later)).order_by("local_date")


@pytest.fixture
def diary(patient: Patient, other_patient: Patient) -> list[Fact]:
    """Nine days of facts and summaries of one patient, and one of another."""
    made = [fact_of(patient, index) for index in range(9)]
    fact_of(other_patient, 9)
    for index in range(9):
        day = NOON.date() - index * DAY
        DayPain.objects.create(patient=patient, local_date=day, site="knee", worst=index)
    return made


def fact_of(patient: Patient, index: int) -> Fact:
    return Fact.objects.create(
        patient=patient,
        id=uuid4(),
        type=FactType.PAIN if index % 2 else FactType.SYMPTOM,
        rev=index + 1,
        occurred_at=NOON - index * DAY,
        tz="UTC",
        local_date=(NOON - index * DAY).date(),
        received_at=NOON,
        date_disagrees=False,
        data={"index": index, "words": "50% of 7"},
        digest="0" * 32,
    )


@pytest.mark.parametrize("count", range(8))
@pytest.mark.parametrize("old", [True, False])
def test_it_finds_what_its_queryset_finds(
    patient: Patient, diary: list[Fact], count: int, old: bool
) -> None:
    named = [fact.id for fact in diary[:count]]
    for since in (NOON, NOON - 5 * DAY, NOON - 30 * DAY):
        given = (patient.pk, since, named, old)
        assert [vars_of(fact) for fact in facts(*given)] == [
            vars_of(fact) for fact in facts.queryset(*given)
        ]


def vars_of(fact: Fact) -> dict[str, object]:
    return {name: value for name, value in vars(fact).items() if name != "_state"}


def test_it_reads_annotations_and_takes_names(patient: Patient, diary: list[Fact]) -> None:
    last = NOON.date()
    found = days(patient.pk, first=last - 3 * DAY, last=last)
    clear = days.queryset(patient.pk, last - 3 * DAY, last)
    assert [vars(row)["is_followed"] for row in found] == [True, True, True, False]
    assert [(row.pk, row.worst) for row in found] == [(row.pk, row.worst) for row in clear]
    first = days.first(patient.pk, last - DAY, last)
    assert first is not None
    assert first.local_date == last - DAY
    assert days.first(patient.pk, last + DAY, last + DAY) is None


def test_its_rows_can_be_saved_like_any_other(patient: Patient, diary: list[Fact]) -> None:
    fact = facts(patient.pk, NOON - 2 * DAY, [], True)[0]
    fact.data["index"] = 77
    fact.save()
    fact.refresh_from_db()
    assert fact.data == {"index": 77, "words": "50% of 7"}


def test_a_query_that_can_find_nothing_is_not_asked(
    patient: Patient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    named = Compiled(lambda ids: Fact.objects.filter(id__in=ids))
    with django_assert_num_queries(0):
        assert named([]) == []


def test_an_argument_that_is_changed_on_its_way_is_refused(db: None) -> None:
    late = Compiled(lambda at: Fact.objects.filter(occurred_at__gte=at - DAY))
    with pytest.raises(NotCompilable, match="as it is"):
        late(NOON)


def test_an_argument_that_would_need_a_query_of_its_own_is_refused(db: None) -> None:
    near = Compiled(lambda score: Fact.objects.filter(data__score__gt=score))
    with pytest.raises(NotCompilable, match="float is no argument"):
        near(1.5)


def test_a_whole_number_is_an_argument_of_whatever_size(db: None, diary: list[Fact]) -> None:
    upto = Compiled(lambda after, rev: Fact.objects.filter(rev__gt=after, rev__lte=rev))
    clear = [row for row in diary if 2 < row.rev <= 5]
    assert sorted(upto(2, 5), key=lambda row: row.rev) == clear
    assert len(upto(0, 2**40)) == len(diary) + 1


def test_a_text_is_an_argument_like_any_other(db: None, patient: Patient) -> None:
    named = Compiled(lambda name: User.objects.filter(email=name))
    email = patient.user.email
    assert [named(email), named("nobody@example.org"), named(email)] == [
        [patient.user],
        [],
        [patient.user],
    ]


def test_it_brings_what_is_joined(
    patient: Patient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    joined = Compiled(lambda pk: Patient.objects.filter(pk=pk).select_related("user", "intake"))
    with django_assert_num_queries(1):
        (found,) = joined(patient.pk)
        assert found.user == patient.user
        assert not hasattr(found, "intake")


def test_values_without_instances_are_refused(db: None) -> None:
    values = Compiled(lambda pk: Patient.objects.filter(pk=pk).values_list("rev"))
    with pytest.raises(NotCompilable, match="instances"):
        values(uuid4())


def test_the_suite_would_notice_a_statement_that_has_gone_stale(db: None) -> None:
    order = ["rev"]
    rows = Compiled(lambda pk: Fact.objects.filter(patient_id=pk).order_by(*order))
    assert rows(uuid4()) == []
    order[0] = "row"
    with pytest.raises(NotCompilable):
        rows(uuid4())
