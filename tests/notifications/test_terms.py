from pathlib import Path

import pytest

from exercises.triage.levels import Level
from notifications.terms import CONTENT, TermsError, load, terms
from notifications.wording import wording

POLICY = (CONTENT / "policy.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('code = "routine"', 'code = "routine"\nmuted = true'),
        ('code = "routine"', 'code = "emergency_now"'),
        ("any_time = true", "any_time = false"),
        ('therapist_told = "at_once"', 'therapist_told = "in_digest"'),
        ('therapist_told = "in_digest"', 'therapist_told = "at_once"'),
        ('weekdays = "01234"', 'weekdays = "43210"'),
        ('code = "routine"', 'code = "routine"\nany_time = true'),
        ('patient_channels = ["in_app", "push"]', 'patient_channels = ["email"]'),
        ('patient_channels = ["in_app", "push"]', 'patient_channels = ["pigeon"]'),
        ("attempts = 5", "attempts = 0"),
        ("until = 08:00:00", "until = 8"),
        ("[delivery]", "[delivery"),
    ],
)
def test_unsafe_or_unknown_terms_are_refused(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(POLICY.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(TermsError, match=r"policy\.toml"):
        load(path)


def test_every_number_says_where_it_comes_from() -> None:
    found = terms()

    assert all(
        part.source
        for part in (
            found.quiet_hours,
            found.digest,
            found.delivery,
            found.relay,
            found.watch,
            *found.levels,
        )
    )


def test_every_kind_of_message_has_words() -> None:
    kinds = {escalation.kind for level in terms().levels for escalation in level.escalate}
    kinds |= {"alert", "delivery_failed", "retracted", "sought_care", "declined", "digest"}
    kinds |= {"patient_left", "assigned", "care_message"}

    assert set(wording().item["therapist"]) == kinds
    assert set(wording().item["patient"]) == {"alert", "nobody_on_duty", "care_message"}
    assert set(wording().email) == {
        "patient",
        "patient_today",
        "patient_now",
        "therapist",
        "therapist_now",
        "digest",
    }


def test_no_level_is_unknown_but_none() -> None:
    assert [terms().of(level).code for level in Level if level] == [
        level.code for level in Level if level
    ]
    with pytest.raises(KeyError):
        terms().of(Level.NONE)
