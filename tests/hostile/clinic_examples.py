"""A valid request to every write of a clinic's templates and own exercises."""

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
_OWN = {"name": "On the stairs", "steps": ["Stand on a stair."], "note": "Hold the rail."}
_OWN_TEXTS = ("/name", "/steps/0", "/note")
_OWN_TAG = {"If_Match": "{own_tag}"}
_TEXTS = ("/name", "/description", "/phases/initial/0/dose/note")
_TAG = {"If_Match": "{template_tag}"}
CLINIC = {
    "POST clinic-exercises": Example(
        "therapist",
        "clinic-exercises",
        _OWN | {"exercise": "{exercise}", "clinic": "{clinic}"},
        {},
        _OWN_TEXTS,
    ),
    "PUT clinic-exercises/<uuid:own_id>": Example(
        "therapist", "clinic-exercises/{own}", _OWN | {"name": "Calm"}, _OWN_TAG, _OWN_TEXTS
    ),
    "POST clinic-exercises/<uuid:own_id>/retire": Example(
        "therapist", "clinic-exercises/{own}/retire", None, _OWN_TAG
    ),
    "POST templates": Example("therapist", "templates", _BODY | {"clinic": "{clinic}"}, {}, _TEXTS),
    "PUT templates/<uuid:template_id>": Example(
        "therapist", "templates/{template}", _BODY | {"name": "Calm"}, _TAG, _TEXTS
    ),
    "POST templates/<uuid:template_id>/retire": Example(
        "therapist", "templates/{template}/retire", None, _TAG
    ),
}
