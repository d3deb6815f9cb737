"""What a phone asks first: versions, and the server's clock."""

from datetime import datetime

from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from backend.core.api import Door, respond
from backend.core.schema import describe
from backend.core.wire import Wire
from exercises.catalog.selectors import content_version
from exercises.triage.rules.pack import default_pack


class Versions(Wire, frozen=True, kw_only=True):
    """What runs here: the server, the API, the rule pack and the content."""

    server: str
    api: str
    rules: str
    content: str


class Meta(Wire, frozen=True, kw_only=True):
    """Versions, the oldest app that still works with this server, and its clock."""

    versions: Versions
    minimum_app_version: str
    server_time: datetime


class ServerMeta(Door):
    role = "open"

    @describe("Versions and the server's clock", response=Meta, tags=("meta",))
    def get(self, request: Request) -> HttpResponse:
        body = Meta(
            versions=Versions(
                server=settings.SERVER_VERSION,
                api="v1",
                rules=default_pack().version,
                content=content_version(),
            ),
            minimum_app_version=settings.MINIMUM_APP_VERSION,
            server_time=self.now,
        )
        return respond(body)
