"""The hash by which a report is known again: it is stored, so it must never come out otherwise."""

from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from exercises.tracking.facts import PainReport, SymptomItem, SymptomReport
from exercises.tracking.models import FactType
from exercises.tracking.services import digest_of

MOMENT: Any = {
    "occurred_at": datetime(2026, 5, 4, 9, 30, tzinfo=timezone(timedelta(hours=2))),
    "tz": "Europe/Berlin",
    "local_date": date(2026, 5, 4),
}
PAIN = PainReport(**MOMENT, site="knee", kind="avg24", score=4, note="Ärger 🦵", amends=UUID(int=7))
SYMPTOMS = [SymptomItem(code="S-BUCKLE", present=True, attrs={"since": 2, "a": {"c": 1, "b": 0}})]


def test_the_hash_of_a_report_stays_what_it_was() -> None:
    assert digest_of(FactType.PAIN, PAIN) == "2e7c33cae6b3954055af67678e581cc9"
    symptoms = SymptomReport(**MOMENT, symptoms=SYMPTOMS)
    assert digest_of(FactType.SYMPTOM, symptoms) == "3c5bdee636d528e9520e8586de23d186"


def test_the_order_of_members_makes_no_difference() -> None:
    turned = [SymptomItem(code="S-BUCKLE", present=True, attrs={"a": {"b": 0, "c": 1}, "since": 2})]
    first, second = (SymptomReport(**MOMENT, symptoms=items) for items in (SYMPTOMS, turned))
    assert digest_of(FactType.SYMPTOM, first) == digest_of(FactType.SYMPTOM, second)
