"""What a patient agreed to: the latest answer holds, and nothing is assumed that she did not say."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from backend.accounts import consents
from backend.accounts.consent_texts import consent_texts
from backend.accounts.models import Clinic, Consent, Patient, Scope, User
from tests.factories import make_care, make_patient

MINUTE = timedelta(minutes=1)


def say(patient: Patient, scope: str, yes: bool, now: datetime) -> None:
    consents.answer(patient_id=patient.pk, scope=scope, granted=yes, text_version=1, now=now)


def newest(patient: Patient) -> int | None:
    """The revision of the newest answer, as a cursor is bound to it."""
    asked = Patient.objects.values_list(consents.newest_answer("pk"), flat=True)
    found: int | None = asked.get(pk=patient.pk)
    return found


def test_before_she_was_asked_nobody_sees_anything_and_reminders_come(
    patient: Patient, now: datetime
) -> None:
    assert not consents.granted(patient.pk, "diary", now)
    assert not consents.granted(patient.pk, "notes", now)
    assert consents.granted(patient.pk, "reminders", now)


def test_joining_a_clinic_is_a_yes_to_what_the_care_team_sees(
    patient: Patient, therapist: User, now: datetime
) -> None:
    assert consents.granted(patient.pk, "diary", now)
    assert consents.granted(patient.pk, "notes", now)


def test_an_earlier_no_outlives_joining_another_clinic(
    patient: Patient, stranger: User, clinic: Clinic, now: datetime
) -> None:
    say(patient, "diary", False, now)
    make_care(patient=patient, therapist=stranger, clinic=clinic, now=now + MINUTE)
    assert not consents.granted(patient.pk, "diary", now + MINUTE)
    assert consents.granted(patient.pk, "notes", now + MINUTE)


def test_the_latest_answer_holds_even_within_one_instant(
    patient: Patient, therapist: User, now: datetime
) -> None:
    for yes in (False, True, False):
        say(patient, "diary", yes, now)
        assert consents.granted(patient.pk, "diary", now) is yes
    assert consents.granted(patient.pk, "notes", now)


def test_the_same_answer_again_adds_nothing(
    patient: Patient, therapist: User, now: datetime
) -> None:
    before = Consent.objects.count(), newest(patient)
    say(patient, "diary", True, now + MINUTE)
    assert (Consent.objects.count(), newest(patient)) == before


def test_each_change_of_an_answer_has_another_revision(
    patient: Patient, therapist: User, now: datetime
) -> None:
    seen = {newest(patient)}
    for yes in (False, True):
        say(patient, "diary", yes, now)
        seen.add(newest(patient))
    assert len(seen) == 3


def test_a_yes_must_be_to_the_present_text_and_a_no_always_counts(
    patient: Patient, therapist: User, now: datetime
) -> None:
    with pytest.raises(consents.ConsentTextOutdated):
        consents.answer(patient_id=patient.pk, scope="diary", granted=True, text_version=9, now=now)
    consents.answer(patient_id=patient.pk, scope="diary", granted=False, text_version=9, now=now)
    assert not consents.granted(patient.pk, "diary", now)


def test_one_query_tells_who_of_many_agrees(
    patient: Patient,
    therapist: User,
    other_patient: Patient,
    now: datetime,
    django_assert_num_queries: Callable[..., object],
) -> None:
    both = [patient.pk, other_patient.pk, make_patient(now=now).pk]
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert consents.granting(both, "diary", now) == {patient.pk}


def test_every_scope_has_its_text_in_both_languages() -> None:
    assert set(consent_texts()) == set(Scope)
    for text in consent_texts().values():
        assert text.wording("de-AT") == text.de
        assert text.wording("fr") == text.en


def test_the_diary_text_says_what_stays_visible() -> None:
    assert "level, its rule and its date" in consent_texts()[Scope.DIARY].en.text
