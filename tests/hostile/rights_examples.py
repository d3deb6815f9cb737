"""A valid request to every write of a patient's rights to her data. Who has just signed in need not
send her password."""

from tests.hostile.example import Example

RIGHTS = {
    "POST me/exports": Example("patient", "me/exports"),
    "DELETE me": Example("patient", "me"),
    "DELETE me/data": Example("patient", "me/data"),
}
