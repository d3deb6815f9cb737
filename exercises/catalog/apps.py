from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "exercises.catalog"
    label = "catalog"

    def ready(self) -> None:
        from exercises.catalog import checks  # noqa: F401  (it registers itself)
