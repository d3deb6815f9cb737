from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "exercises.sync"
    label = "sync"

    def ready(self) -> None:
        from exercises.sync import documents, feed, kinds, sources
        from exercises.sync.services import epochs

        for kind in kinds.KINDS:
            documents.register(kind)
        for source in sources.SOURCES:
            feed.register(source)
        epochs.register()
