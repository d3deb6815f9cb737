"""Every symptom of the vocabulary and every item of the history by itself (pure)."""

from collections.abc import Iterator

from exercises.triage.bundle.vectors.cases import Case, one, record, report, symptom
from exercises.triage.rules.vocabulary import HISTORY, Vocabulary

NEAR_THE_SPINE = ("S-NUMB-LEG", "S-TINGLE-LEG", "S-WEAK-LEG", "S-WALK-DIFFICULT", "S-FOOTDROP")


def codes(vocabulary: Vocabulary) -> Iterator[Case]:
    """Each symptom with nothing else said, and what a history adds."""
    known = sorted(vocabulary.codes)
    for code in known:
        yield f"{code}, nothing else said", record(one(code))
    for code in NEAR_THE_SPINE:
        yield f"{code}, cancer before", record(one(code), history=("cancer",))
    for item in sorted(HISTORY):
        yield f"fever, with {item}", record(one("S-FEVER"), history=(item,))
    yield "a history that nobody knows", record(one("S-FEVER"), history=("unheard_of",))
    yield "every symptom asked and denied", record(report(answered_no=tuple(known)))
    yield "every symptom at once", record(report(*(symptom(code) for code in known)))
    yield "a symptom that nobody knows", record(one("S-UNKNOWN"))
    yield "nothing at all", record()
