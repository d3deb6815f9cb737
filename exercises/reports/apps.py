from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "exercises.reports"
    label = "reports"
