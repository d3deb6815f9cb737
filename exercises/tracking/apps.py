from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "exercises.tracking"
    label = "tracking"

    def ready(self) -> None:
        from exercises.tracking.instruments import checks  # noqa: F401  (it registers itself)
