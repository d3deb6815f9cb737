"""What the forms of the acting pages need of templates."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def item(values: Mapping[str, Any], name: str) -> Any:
    """The value called `name`; "" where there is none."""
    return values.get(name, "") if values else ""
