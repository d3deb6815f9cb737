from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "exercises.plans"
    label = "plans"
