"""Therapists read the rules that judge: their sources, examples and version."""

from collections.abc import Callable
from typing import Any

from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Patient, User
from exercises.triage.rules.pack import default_pack
from tests.client import ApiClient

Api = Callable[[User | Patient | None], ApiClient]


def every_page(desk: ApiClient) -> list[dict[str, Any]]:
    found, cursor = [], ""
    while True:
        answer = desk.get(f"rules?limit=20{cursor}").json()
        found += answer["items"]
        if answer["next_cursor"] is None:
            return found
        cursor = f"&cursor={answer['next_cursor']}"


def test_every_rule_is_listed_once_the_highest_level_first(api: Api, therapist: User) -> None:
    found = every_page(api(therapist))
    assert sorted(one["id"] for one in found) == sorted(default_pack().rules)
    levels = list(dict.fromkeys(one["level"] for one in found))
    assert levels == [
        "emergency_now",
        "urgent_same_day",
        "prompt_days",
        "see_doctor_soon",
        "routine",
    ]
    assert all(one["therapist"] for one in found)


def test_one_level_may_be_asked_for(api: Api, therapist: User) -> None:
    desk = api(therapist)
    answer = desk.get("rules?level=routine").json()
    assert {one["level"] for one in answer["items"]} == {"routine"}
    assert answer["version"] == default_pack().version
    assert desk.get("rules?level=none-such").status_code == 400


def test_each_rule_tells_its_sources_examples_and_condition(api: Api, therapist: User) -> None:
    desk = api(therapist)
    for rule in default_pack().rules.values():
        view = desk.get(f"rules/{rule.id}").json()
        assert {source["id"] for source in view["sources"]} == set(rule.sources)
        assert {one["fires"] for one in view["examples"]} == {True, False}
        assert view["condition"]["clauses"] or view["condition"]["when"]
        assert view["version"] == default_pack().version


def test_a_rule_is_read_again_only_when_it_has_changed(api: Api, therapist: User) -> None:
    desk = api(therapist)
    first = desk.get("rules/RF-CES-SADDLE")
    assert first.status_code == 200
    again = desk.get("rules/RF-CES-SADDLE", If_None_Match=first["ETag"])
    assert again.status_code == 304
    german = desk.get("rules/RF-CES-SADDLE", Accept_Language="de")
    assert german["ETag"] != first["ETag"]
    assert german.json()["title"] != first.json()["title"]


def test_rules_are_for_therapists(api: Api, therapist: User, patient: Patient) -> None:
    for path in ("rules", "rules/RF-CES-SADDLE"):
        assert api(patient).get(path).status_code == 403
        assert api(None).get(path).status_code == 401
    assert api(therapist).get("rules/NO-SUCH").status_code == 404


def test_reading_rules_takes_no_query_of_its_own(
    api: Api, therapist: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    desk = api(therapist)
    desk.get("rules")
    with django_assert_max_num_queries(6):
        desk.get("rules?limit=200")
