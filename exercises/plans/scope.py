"""Who may be guided by the app alone (pure; rule EL-SCOPE)."""

from collections.abc import Mapping

ADULT_AGE = 18  # years; the source articles and guidelines speak of adults


def is_out_of_scope(answers: Mapping[str, object]) -> bool:
    """Whether a clinician has to release the plan first: under 18, or pregnant.

    An answer that is missing or unknown puts nobody out of scope.
    """
    age = answers.get("age")
    is_minor = isinstance(age, int) and age < ADULT_AGE
    return is_minor or answers.get("pregnant") == "yes"
