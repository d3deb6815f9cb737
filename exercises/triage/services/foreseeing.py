"""What a judgement would find of reports that are not stored yet. Most reports move nothing: then they can
be stored without the lock under which alerts and plans are written."""

from collections.abc import Sequence
from datetime import datetime

from backend.accounts.models import Patient
from exercises.tracking.arriving import Arrival
from exercises.tracking.days import DayTold
from exercises.tracking.models import FactType
from exercises.triage import phasing
from exercises.triage.gathering import gather
from exercises.triage.loading import Loaded, load, may_be_warmed
from exercises.triage.models import Alert
from exercises.triage.selectors import thresholds_in_force
from exercises.triage.services.judging import Judgement
from exercises.triage.services.weighing import weigh
from exercises.triage.thresholds.packs import judged


def foresee(
    *, patient: Patient, fresh: Sequence[Arrival], days: Sequence[DayTold], now: datetime
) -> Judgement | None:
    """What `judge` would answer if `fresh` were stored, or None where it would write anything: an alert
    to raise or to clear, a plan or a flare that may move. Reads alone, and rather says None.

    `fresh` holds pain without a place, sessions, home care and relief answers, and none that corrects
    another: of these alone all that a judgement reads of the diary is at hand before they are stored.
    `days` is what they add to the day summaries.
    """
    gathered = gather(patient=patient, now=now, fresh=fresh, unstored=fresh, told=days)
    standing = gathered.standing
    sources = [alert.source_fact for alert in standing if alert.source_fact]
    loaded = load(patient=patient, now=now, always=sources, fresh=fresh, gathered=gathered)
    if _may_move_plan(loaded, standing) or _may_explain_warmth(loaded, fresh):
        return None
    values = thresholds_in_force(patient.pk) if gathered.stock.thresholds else {}
    evaluation = judged(loaded.record, values)
    weighed = weigh(patient=patient, standing=standing, evaluation=evaluation, now=now)
    if weighed.news or weighed.gone:
        return None
    return Judgement(confirmed=weighed.confirmed, standing=tuple(standing))


def _may_move_plan(loaded: Loaded, standing: Sequence[Alert]) -> bool:
    if loaded.plan is None:
        return False
    # A flare follows each day's pain.
    return loaded.flare is not None or not phasing.stays_as_it_is(
        plan=loaded.plan, rests_for=loaded.rests_for, record=loaded.record, standing=standing
    )


def _may_explain_warmth(loaded: Loaded, fresh: Sequence[Arrival]) -> bool:
    # What heat lay on the knee is asked of the stored diary.
    warms = any(fact.type == FactType.HOME_CARE for fact in fresh)
    return warms and any(may_be_warmed(symptom) for symptom in loaded.record.symptoms)
