"""One judgement: the record goes through the rules, and alerts, prompts, plan and phase follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.accounts import audit
from backend.accounts.models import Patient
from backend.accounts.revisions import Revision
from exercises.plans.models import RecoveryPlan
from exercises.tracking.models import Fact, FactType, Quarantined
from exercises.triage import episodes, phasing
from exercises.triage.gathering import gather
from exercises.triage.levels import Level
from exercises.triage.loading import Loaded, load, present_symptoms
from exercises.triage.models import Alert, AlertStatus
from exercises.triage.rules.engine import evaluate
from exercises.triage.rules.pack import default_pack
from exercises.triage.selectors import thresholds_in_force
from exercises.triage.services import lifecycle
from exercises.triage.thresholds.packs import judged


@dataclass(frozen=True)
class Judgement:
    """What a judgement found: alerts `raised` now, those `confirmed` (standing, and found again),
    and all that stand afterwards. `facts` are the ids of the reports that it judged."""

    raised: tuple[Alert, ...] = ()
    confirmed: tuple[Alert, ...] = ()
    standing: tuple[Alert, ...] = ()
    facts: frozenset[str] = frozenset()

    def speaking_of(self, fact_id: UUID, *, trends: bool) -> tuple[Alert, ...]:
        """The alerts that the answer to a report speaks of, highest first.

        Those that the report raised or confirmed (`trends`: it is of a kind that moves trends);
        else the emergencies and urgent ones that stand.
        """
        own = [a for a in self.raised if self._comes_from(a, str(fact_id))]
        own += [
            alert
            for alert in self.confirmed
            if str(fact_id) in alert.because["facts"] or (trends and alert.source_fact is None)
        ]
        if not own:
            own = [alert for alert in self.standing if alert.level >= Level.URGENT_SAME_DAY]
        return tuple(sorted(own, key=lambda alert: (-alert.level, alert.rule)))

    def _comes_from(self, alert: Alert, fact_id: str) -> bool:
        sources = set(alert.because["facts"])
        return fact_id in sources or sources.isdisjoint(self.facts)


def judge(
    *,
    patient: Patient,
    fresh: Sequence[Fact] = (),
    quarantined: Sequence[Quarantined] = (),
    rev: Revision,
    now: datetime,
) -> Judgement:
    """Judges the patient's record with what just came in, inside the transaction that stored it.

    `fresh` are the facts stored in it, `quarantined` the reports that were kept although their form
    was invalid. Raises and clears alerts, pauses or releases the plan, and moves the phase.
    """
    gathered = gather(patient=patient, now=now, fresh=fresh)
    standing = gathered.standing
    sources = [alert.source_fact for alert in standing if alert.source_fact]
    loaded = load(patient=patient, now=now, always=sources, fresh=fresh, gathered=gathered)
    values = thresholds_in_force(patient.pk) if gathered.stock.thresholds else {}
    evaluation = judged(loaded.record, values)
    withdrawn = lifecycle.retract(patient=patient, standing=standing, fresh=fresh, rev=rev, now=now)
    changes = lifecycle.reconcile(
        patient=patient,
        standing=[alert for alert in standing if alert not in withdrawn],
        evaluation=evaluation,
        rev=rev,
        now=now,
    )
    _review_what_was_withdrawn_first(patient, fresh, rev, now)
    if loaded.plan is not None:
        _move_plan(loaded.plan, loaded, changes, rev, now)
    ids = [str(fact.id) for fact in fresh] + [str(row.fact_id) for row in quarantined]
    return Judgement(changes.raised, changes.confirmed, changes.standing, frozenset(ids))


def _move_plan(
    plan: RecoveryPlan, loaded: Loaded, changes: lifecycle.Changes, rev: Revision, now: datetime
) -> None:
    standing, symptoms = changes.standing, present_symptoms(loaded.record)
    rests_for = phasing.follow_alerts(
        plan=plan, rests_for=loaded.rests_for, standing=standing, rev=rev, now=now
    )
    plan = episodes.follow_course(
        plan=plan,
        record=loaded.record,
        raised=changes.raised,
        flare=loaded.flare,
        open_symptoms=symptoms,
        rev=rev,
        now=now,
    )
    if not rests_for:
        phasing.pass_gate(
            plan=plan,
            record=loaded.record,
            standing=standing,
            open_symptoms=symptoms,
            rev=rev,
            now=now,
        )


def _review_what_was_withdrawn_first(
    patient: Patient, fresh: Sequence[Fact], rev: Revision, now: datetime
) -> None:
    """A confirmed retraction arrived before the red flag that it withdraws: no alert, but an audit
    row and an item for the therapist, since a mistaken tap must not hide a true one (HZ-08)."""
    withdrawn = [fact for fact in fresh if fact.type == FactType.SYMPTOM and fact.retracted_by]
    if not withdrawn:
        return
    loaded = load(patient=patient, now=now, fresh=withdrawn, even_retracted=True)
    ids = {str(fact.id) for fact in withdrawn}
    # A refused form of the same report may have raised its alert before; that one is kept as it is.
    known = {
        *Alert.objects.filter(patient=patient, source_fact__in=ids).values_list("key", flat=True)
    }
    for finding in evaluate(loaded.record, default_pack()).findings:
        is_acute = finding.level >= Level.URGENT_SAME_DAY and finding.source_ids[0] in ids
        if is_acute and finding.key not in known:
            alert = lifecycle.open_alert(
                patient=patient, finding=finding, key=finding.key, rev=rev, now=now
            )
            alert.status, alert.opened_at, alert.closed_at = AlertStatus.RETRACTED, None, now
            _keep_for_review(alert, patient, now)


def _keep_for_review(alert: Alert, patient: Patient, now: datetime) -> None:
    alert.save(force_insert=True)
    lifecycle.note([alert], "retracted", now=now)
    audit.record(
        actor_id=patient.user_id,
        action="alert.retracted_before_arrival",
        patient_id=patient.pk,
        object_kind="alert",
        object_id=str(alert.pk),
        now=now,
    )
