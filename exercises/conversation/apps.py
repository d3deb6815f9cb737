from django.apps import AppConfig


class ConversationConfig(AppConfig):
    name = "exercises.conversation"
    label = "conversation"

    def ready(self) -> None:
        from exercises.conversation import checks, timeline  # noqa: F401  (they register themselves)
