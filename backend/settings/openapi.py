"""How the API describes itself (drf-spectacular)."""

DESCRIPTION = {
    "TITLE": "Stepwise API",
    "DESCRIPTION": "Recovery plan, diary and safety net for sciatica-related knee pain.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "PREPROCESSING_HOOKS": ["backend.core.schema.keep_api_v1"],
    # The standard hook moves enums about and expects each to name its type; msgspec's need neither.
    "POSTPROCESSING_HOOKS": [],
    "COMPONENT_SPLIT_PATCH": False,
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "persistAuthorization": False,
        # Swagger UI stops half-way when it draws all of so many operations and shapes at once.
        "defaultModelsExpandDepth": 0,
        "docExpansion": "none",
    },
}
