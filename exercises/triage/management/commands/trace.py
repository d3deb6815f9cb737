"""`manage.py trace [--check]`: the safety documents, written from content, rules and tests."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from exercises.catalog.content import catalog
from exercises.triage.hints.shapes import hints
from exercises.triage.rules.pack import default_pack
from exercises.triage.tracing.hazards import HazardLog, hazard_problems, read_hazards
from exercises.triage.tracing.held import known_tests, scenarios_in
from exercises.triage.tracing.pages import hazard_page, trace_page
from exercises.triage.tracing.trace import Trace, problems_of, read_notes, trace_of


class Command(BaseCommand):
    help = "Write docs/safety/ (trace and hazard log), or check that it is complete and up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail when a file is out of date"
        )
        parser.add_argument(
            "--into", type=Path, default=None, help="the folder, docs/safety unless named"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        source = root / "docs" / "safety"
        trace, log = _trace(root, source), read_hazards(source / "hazard-log.toml")
        problems = [*_problems(root, trace, log)]
        into = options["into"] or source
        for name, text in _files(trace, log).items():
            if not options["check"]:
                (into / name).write_text(text, "utf-8")
            elif not (into / name).exists() or (into / name).read_text("utf-8") != text:
                problems.append(f"{name} is not what content and tests say: manage.py trace")
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"The trace has {len(problems)} gaps.")
        self.stdout.write(f"{len(trace.facts)} statements, {len(trace.rules)} rules, no gap.")


def _trace(root: Path, source: Path) -> Trace:
    return trace_of(
        catalog=catalog(),
        pack=default_pack(),
        hints=hints(),
        notes=read_notes(source / "trace.toml"),
        scenarios=scenarios_in(root),
    )


def _problems(root: Path, trace: Trace, log: HazardLog) -> Iterator[str]:
    texts = {language: {*file.rules} for language, file in default_pack().texts.items()}
    yield from problems_of(trace, texts=texts, tests=known_tests(root))
    yield from hazard_problems(log, tests=known_tests(root))


def _files(trace: Trace, log: HazardLog) -> dict[str, str]:
    data = msgspec.json.format(msgspec.json.encode(trace), indent=1)
    return {
        "trace.md": trace_page(trace),
        "trace.json": data.decode() + "\n",
        "hazard-log.md": hazard_page(log),
    }
