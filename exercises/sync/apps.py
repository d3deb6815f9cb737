from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "exercises.sync"
    label = "sync"
