"""What may happen between a phone, its patient, the daily look and a clinician (for Hypothesis)."""

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.safety.reports import Body, bodies, faulty

# Few reports, so that most steps meet one that was sent before.
REPORTS = tuple(f"00000000-0000-4000-8000-00000000000{number}" for number in range(1, 4))
PAINS = tuple(f"00000000-0000-4000-8000-0000000000a{number}" for number in range(3))


@dataclass(frozen=True)
class Send:
    """A report is put under an id; `crashes`: the server fails after it has judged."""

    report: str
    body: Body
    crashes: bool = False


@dataclass(frozen=True)
class SendAgain:
    """What was last accepted under an id, or else refused, is sent once more."""

    report: str


@dataclass(frozen=True)
class SendTogether:
    """Reports and withdrawals arrive in one go, as after a week without signal."""

    steps: "tuple[Send | Withdraw, ...]"


@dataclass(frozen=True)
class Withdraw:
    """A report is withdrawn, whether it has arrived or not."""

    report: str
    confirmed: bool


@dataclass(frozen=True)
class Hurts:
    """A pain report; at worst it is a red flag by itself."""

    report: str
    site: str
    score: int
    eased: str


@dataclass(frozen=True)
class Answers:
    """The patient says what she will do about a prompt, or sees it."""

    prompt: int
    answer: str


@dataclass(frozen=True)
class Waits:
    """Time passes, and the daily look takes place."""

    hours: int


@dataclass(frozen=True)
class Clinician:
    """A therapist acts on an alert, or knows a symptom as stable."""

    verb: str
    alert: int
    symptom: str = "S-NUMB-LEG"


@dataclass(frozen=True)
class Silences:
    """The patient wants less of it: she mutes every channel, withdraws a consent, or deletes."""

    what: str


Step = Silences | Send | SendAgain | SendTogether | Withdraw | Hurts | Answers | Waits | Clinician

_reports = st.sampled_from(REPORTS)
_valid = bodies(amendable=REPORTS)
_sends = st.builds(Send, _reports, _valid, st.sampled_from([False] * 6 + [True]))
_faulty = st.builds(Send, _reports, faulty(_valid), st.sampled_from([False] * 6 + [True]))
_withdrawals = st.builds(Withdraw, _reports, st.booleans())
_together = st.builds(
    SendTogether,
    st.lists(
        st.one_of(st.builds(Send, _reports, _valid), _withdrawals), min_size=2, max_size=4
    ).map(tuple),
)
_others = st.one_of(
    st.builds(SendAgain, _reports),
    st.builds(
        Hurts,
        st.sampled_from(PAINS),
        st.sampled_from(["knee", "back", "leg"]),
        st.sampled_from([0, 3, 7, 9, 10]),
        st.sampled_from(["yes", "no"]),
    ),
    st.builds(
        Answers,
        st.integers(0, 3),
        st.sampled_from(["will_go", "declined", "planned", "sought_care", "seen"]),
    ),
    st.builds(Waits, st.sampled_from([1, 9, 24, 24 * 15])),
    st.builds(Silences, st.sampled_from(["mute", "delete", "diary", "notes", "reminders"])),
    st.builds(
        Clinician,
        st.sampled_from(["acknowledge", "resolve", "reopen", "known_stable"]),
        st.integers(0, 3),
        st.sampled_from(["S-NUMB-LEG", "S-WEAK-LEG", "S-SADDLE"]),
    ),
)


def histories(longest: int = 10) -> st.SearchStrategy[list[Step]]:
    """Histories of up to so many steps."""
    step = st.one_of(
        _sends, _sends, _faulty, _together, _withdrawals, _withdrawals, _others, _others
    )
    return st.lists(step, min_size=1, max_size=longest)
