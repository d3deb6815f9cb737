"""Pattern hints for therapists: what fits, why, and for whose eyes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import AuditEvent, Patient, User
from exercises.triage.hints.checks import check_hints, problems
from exercises.triage.hints.matching import SPINAL_SIGNS, Known, matching, spinal_score
from exercises.triage.hints.shapes import Feature, Hint, hints
from tests.client import ApiClient
from tests.exercises.triage.diary import Diary
from tests.exercises.triage.test_visits import report

Api = Callable[[User | Patient | None], ApiClient]


def known(
    symptoms: dict[str, dict[str, object]] | None = None, reached: str = "", **answers: object
) -> Known:
    return Known(answers=answers, symptoms=symptoms or {}, most_distal=reached)


def ids(found: Known) -> set[str]:
    return {match.hint.id for match in matching(hints(), found)}


@pytest.mark.parametrize("count", range(8))
def test_the_score_counts_the_signs_from_none_to_seven(count: int) -> None:
    found = spinal_score(known(spinal_signs=list(SPINAL_SIGNS[:count])))
    assert (found.score, found.answered) == (count, True)


def test_a_reported_numb_leg_is_the_third_sign_and_silence_is_none() -> None:
    assert spinal_score(known({"S-NUMB-LEG": {}})).present == ("C-SGN-03",)
    both = known({"S-NUMB-LEG": {}}, spinal_signs=["C-SGN-03"])
    assert spinal_score(both).score == 1
    assert not spinal_score(known()).answered


@pytest.mark.parametrize(
    ("hint", "there", "missing"),
    [
        ("root_l3", known({"S-WEAK-LEG": {}}, body_map=["thigh"]), known(body_map=["thigh"])),
        (
            "root_l4",
            known({"S-CANT-MOVE-KNEE": {}}, "calf"),
            known({"S-CANT-MOVE-KNEE": {}}, "knee"),
        ),
        ("root_l5", known({"S-FOOTDROP": {}}, "foot"), known({"S-FOOTDROP": {}}, "calf")),
        (
            "root_s1",
            known({"S-NUMB-LEG": {}}, body_map=["calf", "foot"]),
            known({"S-NUMB-LEG": {}}, body_map=["foot"]),
        ),
        ("spinal_joints", known(triggers=["sit"]), known(triggers=["sit", "walk"])),
        (
            "sacroiliac_joint",
            known(triggers=["stand"], relief=["lie"]),
            known(triggers=["stand"], relief=["sit"]),
        ),
        (
            "deep_gluteal",
            known(body_map=["buttock"], triggers=["sit"]),
            known(body_map=["buttock"]),
        ),
        ("arteries", known({"S-CLAUDICATION": {}}), known({"S-TINGLE-LEG": {}})),
        (
            "polyneuropathy",
            known({"S-TINGLE-LEG": {"laterality": "both"}}),
            known({"S-TINGLE-LEG": {"laterality": "left"}}, history=["diabetes"]),
        ),
        (
            "peroneal_nerve",
            known({"S-FOOTDROP": {}}, body_map=["calf"]),
            known({"S-FOOTDROP": {}}, body_map=["calf", "back"]),
        ),
        ("disc", known(triggers=["cough"]), known(triggers=["sit"])),
        (
            "stenosis",
            known(triggers=["walk"], relief=["lean_forward"]),
            known(triggers=["walk"], relief=["lie"]),
        ),
        (
            "nerve_entrapment",
            known({"S-TINGLE-LEG": {}}, spinal_signs=["C-SGN-02"], body_map=["thigh"]),
            known({"S-TINGLE-LEG": {}}, spinal_signs=["C-SGN-02"]),
        ),
        (
            "spondylolisthesis",
            known(spine_conditions=["spondylolisthesis"]),
            known(triggers=["stand"]),
        ),
        (
            "bakers_cyst",
            known({"S-KNEE-SWOLLEN": {}, "S-CALF-SWELL": {}}),
            known({"S-KNEE-SWOLLEN": {}}),
        ),
        (
            "knee_arthritis",
            known(history=["arthritis"], spinal_signs=[]),
            known(history=["arthritis"], spinal_signs=["C-SGN-01"]),
        ),
        (
            "muscle_strain",
            known(triggers=["lift"], spinal_signs=["C-SGN-05"]),
            known(triggers=["lift"]),
        ),
    ],
)
def test_a_hint_is_shown_with_its_features_and_not_without(
    hint: str, there: Known, missing: Known
) -> None:
    assert hint in ids(there)
    assert hint not in ids(missing)


def test_every_hint_of_the_content_can_be_tested_by_name() -> None:
    assert {hint.kind for hint in hints()} == {"root", "mimic"}
    assert len({hint.id for hint in hints()}) == len(hints()) == 17


def test_a_match_lists_what_was_said_and_the_best_comes_first() -> None:
    found = matching(hints(), known(triggers=["walk", "cough"], relief=["lean_forward"]))
    assert found[0].hint.id == "stenosis"
    assert [(match.source, match.said) for match in found[0].features] == [
        ("intake", ("triggers: walk",)),
        ("intake", ("relief: lean_forward",)),
    ]


def test_the_content_speaks_only_of_what_exists() -> None:
    assert check_hints() == []
    wrong = Hint(
        id="x", kind="root", title="t", says="s", examine="e", at_least=1, facts=("A-NOT-01",),
        references=("N99",),
        features=(
            Feature(says="f", answers={"body_map": ("tail",), "age_of_moon": ("new",)}),
            Feature(says="g", symptoms=("S-NOTHING",)),
        ),
    )  # fmt: skip
    assert len([*problems(wrong)]) == 5
    with pytest.raises(ValueError, match="more features"):
        Hint(
            id="x", kind="root", title="t", says="s", examine="e", at_least=1, facts=(),
            references=(), features=(),
        )  # fmt: skip


@pytest.fixture
def path(patient: Patient, therapist: User) -> str:
    Diary(
        patient,
        body_map=["thigh", "knee"],
        triggers=["walk"],
        relief=["lean_forward"],
        spinal_signs=["C-SGN-01", "C-SGN-04"],
    )
    return f"patients/{patient.pk}/hints"


def test_the_therapist_reads_the_hints_with_their_reasons(
    api: Api, path: str, patient: Patient, therapist: User
) -> None:
    report(api(patient), "S-WEAK-LEG", laterality="left")
    shown = api(therapist).get(path).json()

    assert "no diagnosis" in shown["notice"]
    assert (shown["spinal_origin"]["score"], shown["spinal_origin"]["of"]) == (3, 7)
    assert [sign["present"] for sign in shown["spinal_origin"]["signs"]] == [
        "yes", "no", "yes", "yes", "no", "no", "no",
    ]  # fmt: skip
    assert [hint["id"] for hint in shown["roots"]] == ["root_l3"]
    assert [hint["id"] for hint in shown["mimics"]] == ["stenosis"]
    weak = shown["roots"][0]["matched"][1]
    assert (weak["source"], weak["answers"]) == ("report", ["S-WEAK-LEG"])
    assert AuditEvent.objects.filter(action="hints.read", patient_id=patient.pk).count() == 1


def test_a_symptom_reported_gone_is_no_feature(
    api: Api, path: str, patient: Patient, therapist: User
) -> None:
    phone = api(patient)
    report(phone, "S-WEAK-LEG")
    gone: dict[str, Any] = {
        "occurred_at": "2026-05-04T07:45:00Z", "tz": "Europe/Berlin", "local_date": "2026-05-04",
        "symptoms": [{"code": "S-WEAK-LEG", "present": False}],
    }  # fmt: skip
    assert (
        phone.put("me/symptom-reports/018f3a00-0000-7000-8000-000000000001", gone).status_code
        == 201
    )
    assert api(therapist).get(path).json()["roots"] == []


def test_without_an_intake_nothing_is_known(api: Api, patient: Patient, therapist: User) -> None:
    shown = api(therapist).get(f"patients/{patient.pk}/hints").json()
    assert (shown["roots"], shown["mimics"]) == ([], [])
    assert {sign["present"] for sign in shown["spinal_origin"]["signs"]} == {"unknown"}


def test_no_patient_and_no_stranger_reads_them(
    api: Api, path: str, patient: Patient, stranger: User
) -> None:
    assert api(patient).get(path).status_code == 403
    assert api(stranger).get(path).status_code == 404
    assert api(None).get(path).status_code == 401


def test_the_hints_cost_the_same_after_many_reports(
    api: Api, path: str, patient: Patient, therapist: User
) -> None:
    doctor, phone = api(therapist), api(patient)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert doctor.get(path).status_code == 200
        return len(captured)

    report(phone, "S-TINGLE-LEG")
    one = queries()
    for _ in range(5):
        report(phone, "S-TINGLE-LEG")
    assert queries() == one <= 20
