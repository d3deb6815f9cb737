from django.apps import AppConfig
from django.core.checks import register


class ReportsConfig(AppConfig):
    name = "exercises.reports"
    label = "reports"

    def ready(self) -> None:
        from exercises.reports.record.checks import check_listing

        register(check_listing)
