from django.apps import AppConfig


class SmmpConfig(AppConfig):
    name = "smmp"
