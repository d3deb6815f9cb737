from django.apps import AppConfig


class ConversationConfig(AppConfig):
    name = "exercises.conversation"
    label = "conversation"

    def ready(self) -> None:
        from exercises.conversation import checks  # noqa: F401  (it registers itself)
