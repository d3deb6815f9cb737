"""The marks of a chart. A page has hundreds of them, and a template for each takes longer than all that
is read for the page."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString, mark_safe

from backend.dashboard.chart import Point

register = template.Library()

# By site, so that nobody needs colours to tell them apart.
_SHAPES = {
    "knee": '<circle cx="{x}" cy="{y}" r="3" />',
    "leg": '<rect x="{x}" y="{y}" width="5.500" height="5.500" transform="translate(-2.750 -2.750)" />',
}
_OTHER = '<path d="M0-3.800 3.600 2.700h-7.200z" transform="translate({x} {y})" />'


@register.simple_tag
def chart_mark(site: str, x: float, y: float) -> SafeString:
    """The mark of a value of `site`."""
    return chart_marks(site, [Point(x, y)])


@register.simple_tag
def chart_marks(site: str, points: Iterable[Point]) -> SafeString:
    """The marks of values of `site`."""
    shape = _SHAPES.get(site, _OTHER)
    # Of nothing but numbers.
    return mark_safe("".join(shape.format(x=point.x, y=point.y) for point in points))  # noqa: S308
