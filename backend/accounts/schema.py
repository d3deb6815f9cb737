"""How the schema describes the session token."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class SessionTokenScheme(OpenApiAuthenticationExtension):
    """`X-Session-Token`, as sign-in hands it out."""

    target_class = "backend.accounts.authentication.SessionTokenAuthentication"
    name = "session_token"

    def get_security_definition(self, _auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "apiKey", "in": "header", "name": "X-Session-Token"}
