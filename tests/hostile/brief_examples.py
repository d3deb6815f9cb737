"""A valid request to every write around the visit brief."""

from tests.hostile.example import Example

BRIEF = {
    "PUT me/brief/questions": Example(
        "patient",
        "me/brief/questions",
        {"questions": ["May I run again?", "Do I need a scan?"]},
        {"If_Match": "{brief_questions_tag}"},
        ("/questions/0", "/questions/1"),
        "me/brief/questions",
    ),
    "POST me/brief/links": Example("patient", "me/brief/links", {"days": 3}),
    "DELETE me/brief/links/<uuid:link_id>": Example("patient", "me/brief/links/{brief_link}"),
}
