from django.apps import AppConfig


class TriageConfig(AppConfig):
    name = "exercises.triage"
    label = "triage"

    def ready(self) -> None:
        from exercises.triage import checks  # noqa: F401  (it registers itself)
        from exercises.triage.hints import checks as hints_checks  # noqa: F401
