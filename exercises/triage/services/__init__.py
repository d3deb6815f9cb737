"""Writing alerts: judging reports, the life of an alert, prompts and visits, orders to a
plan, the daily look."""

from exercises.triage.services.acting import act, assign
from exercises.triage.services.alerts import acknowledge, mark_known_stable, reopen, resolve
from exercises.triage.services.daily import evaluate_due, evaluate_one, plan_next_evaluation
from exercises.triage.services.judging import Judgement, judge
from exercises.triage.services.plan import order_plan
from exercises.triage.services.prompts import answer_prompt, see_prompt
from exercises.triage.services.visits import record_visit

__all__ = [
    "Judgement",
    "acknowledge",
    "act",
    "answer_prompt",
    "assign",
    "evaluate_due",
    "evaluate_one",
    "judge",
    "mark_known_stable",
    "order_plan",
    "plan_next_evaluation",
    "record_visit",
    "reopen",
    "resolve",
    "see_prompt",
]
