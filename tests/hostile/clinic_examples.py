"""A valid request to every write of a clinic's templates."""

from tests.hostile.example import Example

_BODY = {
    "name": "After a flare",
    "description": "A gentle start",
    "phases": {
        "initial": [
            {
                "exercise": "{exercise}",
                "dose": {"sets": {"min": 2, "max": 2}, "note": "slowly"},
                "slots": ["evening"],
                "weekdays": [0, 3],
            }
        ]
    },
}
_TEXTS = ("/name", "/description", "/phases/initial/0/dose/note")
_TAG = {"If_Match": "{template_tag}"}
CLINIC = {
    "POST templates": Example("therapist", "templates", _BODY | {"clinic": "{clinic}"}, {}, _TEXTS),
    "PUT templates/<uuid:template_id>": Example(
        "therapist", "templates/{template}", _BODY | {"name": "Calm"}, _TAG, _TEXTS
    ),
    "POST templates/<uuid:template_id>/retire": Example(
        "therapist", "templates/{template}/retire", None, _TAG
    ),
}
