from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    label = "notifications"

    def ready(self) -> None:
        from notifications import checks, conversing, judging, receivers  # noqa: F401  (checks register)
        from notifications.reminders import documents
        from notifications.reminders.judging import judge_reminders
        from notifications.services import restoring

        receivers.connect()
        documents.register()
        restoring.register()
        judging.JUDGES["reminder"] = judge_reminders
        judging.JUDGES[conversing.CARE_MESSAGE] = conversing.judge_care_messages
