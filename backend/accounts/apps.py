from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "backend.accounts"
    label = "accounts"

    def ready(self) -> None:
        from backend.accounts import restoring, schema, throttling  # noqa: F401  (schema registers)

        throttling.install()
        restoring.register()
