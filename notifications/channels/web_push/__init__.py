"""Web Push: browsers and installed web apps (RFC 8030, 8291 and 8292)."""

from notifications.channels.web_push.channel import WebPush

__all__ = ["WebPush"]
