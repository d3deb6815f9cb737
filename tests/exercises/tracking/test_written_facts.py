"""What a fact says is kept as the text that was written, and can be looked into all the same."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Avg, Case, Count, F, FloatField, JSONField, Q, TextField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from backend.accounts.models import Patient
from backend.core.written_json import WrittenJSONField
from exercises.tracking.inserting import insert_facts
from exercises.tracking.models import Fact, FactType

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
DATA: list[dict[str, Any]] = [
    {"site": "knee", "score": 2, "note": "after the stairs", "relief_rest": "yes"},
    {"site": "knee", "score": 10, "items": [{"done": {"sets": 3}}, {"done": {"sets": 1}}]},
    {"site": "back", "score": 9, "confirmed_none": False, "note": "100 % \" \\ 'é' 🦵"},
    {"confirmed_none": True, "most_distal": None, "score": 2.5, "site": ""},
    {"big": 2**53 + 1, "nested": {"list": [1, 2.5, None, True], "empty": {}}, "é": "ü"},
]
EMPTY: dict[str, Any] = {}
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one type for all texts"
)


def a_fact(patient: Patient, rev: int, data: Any) -> Fact:
    return Fact(
        patient=patient,
        id=uuid4(),
        type=FactType.PAIN,
        rev=rev,
        occurred_at=NOON,
        tz="Europe/Berlin",
        local_date=date(2026, 5, 4),
        received_at=NOON,
        data=data,
        digest="0" * 32,
    )


@pytest.fixture
def diary(patient: Patient) -> list[Fact]:
    """A fact of each of `DATA`, by their place, as the product writes them."""
    insert_facts([a_fact(patient, rev, data) for rev, data in enumerate(DATA)])
    return [*Fact.objects.order_by("rev")]


def written(fact: Fact) -> str:
    """What the column holds."""
    text = Fact.objects.values_list(Cast("data", TextField()), flat=True).get(row=fact.row)
    return str(text)


def by_hand(fact: Fact, text: str) -> None:
    """Puts a text into the column as somebody with a console would."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tracking_fact SET data = %s WHERE row = %s", [text, fact.row])


def test_what_is_read_is_what_was_written(diary: list[Fact]) -> None:
    assert [fact.data for fact in diary] == DATA
    assert [json.loads(written(fact)) for fact in diary] == DATA
    assert [*Fact.objects.order_by("rev").values_list("data", flat=True)] == DATA


def test_the_orm_writes_it_too(patient: Patient) -> None:
    one = a_fact(patient, 0, DATA[0])
    one.save()
    Fact.objects.bulk_create([a_fact(patient, rev, DATA[rev]) for rev in range(1, len(DATA))])
    found = [*Fact.objects.order_by("rev")]
    assert [fact.data for fact in found] == DATA
    for fact in found:
        fact.data = {"was": fact.data}
    found[0].save()
    Fact.objects.bulk_update(found[1:], ["data"])
    assert [fact.data["was"] for fact in Fact.objects.order_by("rev")] == DATA
    Fact.objects.update(data=EMPTY)
    Fact.objects.filter(rev=0).update(data=Case(When(rev=0, then=Value([1], JSONField()))))
    assert Fact.objects.get(rev=0).data == [1]
    assert Fact.objects.filter(data=EMPTY).count() == len(DATA) - 1


@on_postgresql
def test_the_text_stays_as_it_was(patient: Patient) -> None:
    said = {"z": 1, "a": 1e22, "site": "knee"}
    insert_facts([a_fact(patient, 1, said)])
    (fact,) = Fact.objects.all()
    assert written(fact) == '{"z":1,"a":1e22,"site":"knee"}'
    assert isinstance(fact.data["a"], float)


FILTERS: dict[str, tuple[Q, Callable[[dict[str, Any]], bool]]] = {
    "a text": (Q(data__site="knee"), lambda d: d.get("site") == "knee"),
    "another text": (Q(data__site="Knee"), lambda _d: False),
    "without a text": (Q(data__site=""), lambda d: d.get("site") == ""),
    # As with every JSON of Django's: what has no such key is not among them.
    "not a text": (~Q(data__site="knee"), lambda d: d.get("site", "knee") != "knee"),
    "one of several": (Q(data__site__in=["knee", "leg"]), lambda d: d.get("site") == "knee"),
    "a number": (Q(data__score=2), lambda d: d.get("score") == 2),
    # As numbers, not as texts, of which "10" is less than "9".
    "at least": (Q(data__score__gte=9), lambda d: d.get("score", 0) >= 9),
    "less": (Q(data__score__lt=9), lambda d: d.get("score", 99) < 9),
    "true": (Q(data__confirmed_none=True), lambda d: d.get("confirmed_none") is True),
    "false": (Q(data__confirmed_none=False), lambda d: d.get("confirmed_none") is False),
    "null": (Q(data__most_distal=None), lambda d: "most_distal" in d),
    "a key": (Q(data__has_key="most_distal"), lambda d: "most_distal" in d),
    "keys": (Q(data__has_keys=["site", "note"]), lambda d: {"site", "note"} <= {*d}),
    "any key": (Q(data__has_any_keys=["big", "note"]), lambda d: bool({"big", "note"} & {*d})),
    "no key": (Q(data__note__isnull=True), lambda d: "note" not in d),
    "a deeper key": (Q(data__nested__has_key="list"), lambda d: "nested" in d),
    "a deep value": (Q(data__items__0__done__sets=3), lambda d: "items" in d),
    "a deep object": (Q(data__nested__empty={}), lambda d: "nested" in d),
    "a list": (Q(data__nested__list=[1, 2.5, None, True]), lambda d: "nested" in d),
    "a key with an umlaut": (Q(data__é="ü"), lambda d: "é" in d),
    "a big number": (Q(data__big=2**53 + 1), lambda d: "big" in d),
    "in any case": (Q(data__note__icontains="STAIRS"), lambda d: "stairs" in d.get("note", "")),
    "a beginning": (Q(data__note__startswith="100 %"), lambda d: d.get("score") == 9),
    "the whole": (Q(data=DATA[0]), lambda d: d == DATA[0]),
    "one of the whole": (Q(data__in=[DATA[1], DATA[2]]), lambda d: d in DATA[1:3]),
    "there at all": (Q(data__isnull=False), lambda _d: True),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_what_it_says(diary: list[Fact], name: str) -> None:
    asked, holds = FILTERS[name]
    found = Fact.objects.filter(asked).order_by("rev")
    assert [fact.data for fact in found] == [data for data in DATA if holds(data)]


@on_postgresql
def test_a_filter_finds_what_is_contained(diary: list[Fact]) -> None:
    contained = Fact.objects.filter(data__contains={"site": "knee", "score": 10})
    assert [fact.data for fact in contained] == [DATA[1]]
    assert Fact.objects.filter(data__contained_by={**DATA[0], "more": 1}).get().data == DATA[0]


def test_values_inside_are_selected_sorted_and_counted(diary: list[Fact]) -> None:
    scored = Fact.objects.filter(data__has_key="score")
    assert [*scored.order_by("data__score").values_list("data__score", flat=True)] == [
        2,
        2.5,
        9,
        10,
    ]
    assert scored.aggregate(mean=Avg(Cast("data__score", FloatField())))["mean"] == 5.875
    sites = scored.values("data__site").annotate(times=Count("row")).order_by("data__site")
    assert [(row["data__site"], row["times"]) for row in sites] == [
        ("", 1),
        ("back", 1),
        ("knee", 2),
    ]
    assert {*scored.values_list(KT("data__site"), flat=True)} == {"knee", "back", ""}
    assert scored.filter(data__site=F("data__site")).count() == len(DATA) - 1
    assert Fact.objects.get(rev=4).data["nested"] == Fact.objects.values_list(
        "data__nested", flat=True
    ).get(rev=4)


@on_postgresql
def test_texts_without_the_name_of_a_key_are_not_taken_apart(patient: Patient) -> None:
    lean = Fact.objects.filter(data__score__gte=9, data__score__isnull=False)
    assert str(lean.query).count("CASE WHEN strpos") == 2
    # Whatever may be written in more than one way, or is a place in a list, is looked for inside.
    inside = Fact.objects.filter(Q(data__é=1) | Q(data__0=1))
    assert "strpos" not in str(inside.query)
    insert_facts([a_fact(patient, 1, {"note": '"score": 9 "score"'})])
    assert not lean.exists()


def test_space_around_what_somebody_wrote_by_hand_is_no_part_of_it(diary: list[Fact]) -> None:
    by_hand(diary[0], ' {\n "site": "leg" ,\n "score": 3\n}\n')
    assert Fact.objects.get(row=diary[0].row).data == {"site": "leg", "score": 3}
    assert Fact.objects.filter(data__site="leg", data__score__gte=3).count() == 1


def test_no_json_is_refused(diary: list[Fact]) -> None:
    for text in ("", "knee", "{'site': 1}", '{"site": 1', '{"site": NaN}'):
        with pytest.raises(DatabaseError), transaction.atomic():
            by_hand(diary[0], text)


@on_postgresql
def test_the_migration_there_and_back_changes_no_value(diary: list[Fact]) -> None:
    executor = MigrationExecutor(connection)
    (alter,) = executor.loader.get_migration("tracking", "0004_facts_as_written").operations
    old = executor.loader.project_state([("tracking", "0003_fewer_indexes")])
    new = executor.loader.project_state([("tracking", "0004_facts_as_written")])
    field = new.apps.get_model("tracking", "Fact")._meta.get_field("data")
    assert isinstance(field, WrittenJSONField)
    with connection.schema_editor(atomic=False) as editor:
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        alter.database_backwards("tracking", editor, new, old)
    assert _column_type() == "jsonb"
    # This code also runs before the migration.
    insert_facts([a_fact(diary[0].patient, 99, DATA[1])])
    assert [fact.data for fact in Fact.objects.order_by("rev")] == [*DATA, DATA[1]]
    assert Fact.objects.filter(data__score__gte=9, data__items__0__done__sets=3).count() == 2
    with connection.schema_editor(atomic=False) as editor:
        alter.database_forwards("tracking", editor, old, new)
    assert _column_type() == "json"
    assert [fact.data for fact in Fact.objects.order_by("rev")] == [*DATA, DATA[1]]


def _column_type() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_typeof(data)::text FROM tracking_fact LIMIT 1")
        ((found,),) = cursor.fetchall()
    return str(found)
