"""The inbox of the app and the dashboard."""

from notifications.channels.in_app.channel import InApp

__all__ = ["InApp"]
