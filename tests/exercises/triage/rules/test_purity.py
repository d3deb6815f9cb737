"""The rules can be run anywhere: on a phone's bundle, in a notebook, without a database."""

import subprocess
import sys


def test_judging_a_record_imports_no_framework() -> None:
    code = (
        "import sys; import exercises.triage.rules.examples, exercises.triage.rules.raw;"
        "print([name for name in ('django', 'rest_framework', 'celery') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
