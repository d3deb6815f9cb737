"""Clinical rows are queried in the selectors and services of their own app, and in the readers
named here, each of which is handed a patient whom `access` let through. Whoever adds one says why."""

import ast
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
CLINICAL = ("plans", "tracking", "triage", "conversation")
HOMES = tuple(f"exercises/{app}/{layer}" for app in CLINICAL for layer in ("selectors", "services"))

READERS = {
    "backend/simulator/deeds.py": "plays a made-up patient",
    "backend/simulator/player.py": "plays a made-up patient",
    "exercises/plans/templates.py": "a clinic's templates: nothing of any patient",
    "exercises/plans/variations.py": "a clinic's own exercises: nothing of any patient",
    "exercises/plans/reads.py": "one plan's rows: whoever holds the plan was let in to it",
    "exercises/reports/service_loading.py": "counts of a clinic alone; consent is asked",
    "exercises/conversation/timeline.py": "one patient's timeline: consent is asked by its door",
    "exercises/sync/rejections_api.py": "the patient's own rejected reports",
    "exercises/sync/sources.py": "the patient's own record, as it is pulled",
    "exercises/tracking/quarantining.py": "keeps what a service refused",
    "exercises/tracking/days_checking.py": "compares what is kept of the diary, for operators",
    "exercises/sync/fact_changes.py": "tells a phone its own record",
    "exercises/sync/services/positions.py": "adds up what a phone's own record holds",
    "exercises/tracking/days.py": "keeps the summaries of days, inside the service",
    "exercises/tracking/inserting.py": "stores what the service was given",
    "exercises/tracking/finding.py": "looks whether a fact is there already, inside the service",
    "exercises/triage/courses.py": "keeps how far one patient's doses have come",
    "exercises/triage/gathering.py": "loads one patient's record to judge it",
    "exercises/triage/history/reading.py": "one patient's days: the doors ask what is shared",
    "exercises/triage/history/sources.py": "one patient's timeline: the doors ask what is shared",
    "exercises/triage/home_care_loading.py": "loads one patient's record to judge it",
    "exercises/triage/home_care_lasting.py": "until when one patient's own screen holds: instants alone",
    "exercises/triage/loading.py": "loads one patient's record to judge it",
    "exercises/triage/panel_checking.py": "compares what is kept of the panel, for operators",
    "exercises/triage/panel_summaries.py": "keeps the rows of the panel",
    "exercises/triage/panel_records.py": "the panel: asks what is shared",
    "exercises/triage/patient_desk.py": "what waits of one patient: asks what is shared",
    "exercises/triage/picture.py": "one patient's overview, of whom is shared: asked before",
    "exercises/triage/progress.py": "what one plan's doses have come to",
    "exercises/triage/removals.py": "tells a phone what is gone from its own record",
    "exercises/triage/stock.py": "loads one patient's record to judge it",
    "exercises/triage/workload.py": "counts alone; consent is asked",
    "notifications/alerts_now.py": "judges messages at the claim; care and consent are asked",
    "notifications/reminders/exercises.py": "judges reminders; consent is asked",
    "notifications/reminders/records.py": "judges reminders; consent is asked",
    "notifications/reminders/services.py": "plans a patient's own reminders",
    "notifications/selectors.py": "inboxes: care and consent are asked",
    "notifications/services/conversing.py": "tells that something was written, not what",
    "notifications/services/digesting.py": "counts what waits for a therapist in care",
    "notifications/services/tidying.py": "keeps messages of alerts that stand",
    "notifications/services/relaying.py": "turns steps of alerts into messages",
}


def outside_their_home() -> dict[str, set[str]]:
    models = {model.__name__ for app in CLINICAL for model in apps.get_app_config(app).get_models()}
    paths = (path for top in ("backend", "exercises", "notifications") for path in _modules(top))
    found = {path: _queried(path) & models for path in paths}
    named = {str(path.relative_to(ROOT)): names for path, names in found.items() if names}
    return {path: names for path, names in named.items() if not path.startswith(HOMES)}


def _modules(top: str) -> list[Path]:
    paths = sorted((ROOT / top).rglob("*.py"))
    return [path for path in paths if "migrations" not in path.parts]


def _queried(path: Path) -> set[str]:
    """The names on which the module calls `.objects`, or whose table it names in SQL of its own."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.value.id
        for node in map(_owner, ast.walk(tree))
        if isinstance(node, ast.Attribute)
        and node.attr in ("objects", "_base_manager", "_default_manager", "_meta")
        and isinstance(node.value, ast.Name)
    }


def _owner(node: ast.AST) -> ast.AST | None:
    """Of `Model._meta.db_table` the part `Model._meta`; no other use of `_meta` reads rows."""
    if isinstance(node, ast.Attribute) and node.attr == "db_table":
        return node.value
    return None if isinstance(node, ast.Attribute) and node.attr == "_meta" else node


def test_clinical_rows_are_queried_at_home_or_by_a_named_reader() -> None:
    found = outside_their_home()
    assert {path: names for path, names in found.items() if path not in READERS} == {}


def test_every_named_reader_still_reads() -> None:
    assert set(READERS) <= set(outside_their_home())
