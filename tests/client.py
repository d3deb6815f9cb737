"""A signed-in API client for tests: JSON in, Django's test response out."""

import json
from typing import Any

from django.test import Client

BASE = "/api/v1/"


class ApiClient:
    """Speaks to /api/v1 with the session token of one person, or with none.

    `body` is sent as JSON; bytes go out as they are. Keyword arguments become headers:
    `If_Match='"1"'` is sent as `If-Match: "1"`.
    """

    def __init__(self, token: str | None) -> None:
        self.token = token
        self._client = Client(raise_request_exception=False)

    def get(self, path: str, **headers: str) -> Any:
        """GET; the query belongs to `path`."""
        return self._send("GET", path, None, headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        """PUT of `body`."""
        return self._send("PUT", path, body, headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST of `body`; none sends an empty body."""
        return self._send("POST", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        """PATCH with `body`."""
        return self._send("PATCH", path, body, headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> Any:
        """DELETE."""
        return self._send("DELETE", path, body, headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            named["X-Session-Token"] = self.token
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._client.generic(
            method,
            BASE + path,
            data=b"" if body is None else data,
            content_type="application/json",
            headers=named,
        )
