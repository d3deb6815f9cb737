"""The pain chart as plain geometry (pure): a template only writes it down as SVG.

Nothing is drawn where nothing is known: a line breaks at a day without a value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import groupby

from backend.dashboard.chart_words import DAY, GAPS, LABELS, description
from backend.dashboard.presenters.times import day_text, long_day

MAX_SCORE = 10
ICON = 16
STRIP = 6
# A mark for each value of a longer span would hide the lines.
MOST_MARKED_DAYS = 91


@dataclass(frozen=True)
class Point:
    """A value of one day, in the chart's own units."""

    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """One site: its unbroken stretches as SVG point lists, and every value as a mark."""

    site: str
    label: str
    stretches: tuple[str, ...]
    marks: tuple[Point, ...]


@dataclass(frozen=True)
class Band:
    """A phase, from `x` over `width`; `label` is empty where it would not fit."""

    x: float
    width: float
    label_x: float
    code: str
    label: str


@dataclass(frozen=True)
class Tick:
    """A label on an axis at `at`."""

    at: float
    label: str


@dataclass(frozen=True)
class Flag:
    """An alert on its day; its icon begins at `icon_x`."""

    x: float
    icon_x: float
    code: str


@dataclass(frozen=True)
class Span:
    """A stretch of days, from `x` over `width`: a flare (`code` flare) or days without a value, for
    the reason `code`."""

    x: float
    width: float
    code: str


@dataclass(frozen=True)
class Chart:
    """Everything to draw. The plot spans `left` to `right` and `top` to `bottom`."""

    id: str
    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    title: str
    description: str
    lines: tuple[Line, ...]
    bands: tuple[Band, ...]
    scores: tuple[Tick, ...]
    dates: tuple[Tick, ...]
    flags: tuple[Flag, ...]
    flares: tuple[Span, ...]
    gaps: tuple[Span, ...]

    @property
    def plot_height(self) -> int:
        """From the top of the plot to its bottom."""
        return self.bottom - self.top

    @property
    def flag_y(self) -> int:
        """Where the icons of alerts hang: above the plot."""
        return self.top - ICON - 2

    @property
    def gap_y(self) -> int:
        """Where the strip of days without a value begins: on the floor of the plot."""
        return self.bottom - STRIP

    @property
    def gap_key(self) -> list[tuple[str, str]]:
        """The reasons for which there is no value, in words, for the legend."""
        shown = {span.code for span in self.gaps}
        return [(code, words.capitalize()) for code, words in GAPS.items() if code in shown]

    @property
    def band_label(self) -> int:
        """The baseline of the phases' names."""
        return self.top + ICON


@dataclass(frozen=True)
class ChartData:
    """What is drawn: values by date and site, the phases' first days, the alerts' days, flares from
    their first day until the day after the last, and why there is no value, by date."""

    days: Sequence[date]
    values: Mapping[str, Mapping[date, Fraction]]
    phases: Sequence[tuple[date, str, str]]
    alerts: Sequence[tuple[date, str]]
    flares: Sequence[tuple[date, date]] = ()
    absences: Mapping[date, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Size:
    """A size to draw for, with room for labels of `dates` weeks."""

    name: str
    width: int
    height: int
    dates: int

    def date_step(self, days: int) -> int:
        """The days between two labels: whole weeks."""
        weeks = -(-days // 7)
        return 7 * max(1, -(-weeks // self.dates))


WIDE = Size("wide", 760, 300, 9)
NARROW = Size("narrow", 330, 260, 4)


def draw(data: ChartData, size: Size) -> Chart:
    """The chart of `data` in `size`."""
    frame = _Frame(data.days, size)
    found = [site for site in LABELS if data.values.get(site)]
    return Chart(
        id=f"pain-{size.name}",
        width=size.width,
        height=size.height,
        left=frame.left,
        right=frame.right,
        top=frame.top,
        bottom=frame.bottom,
        title=f"Pain from {long_day(data.days[0])} to {long_day(data.days[-1])}",
        description=description(
            data.values,
            days=len(data.days),
            flares=data.flares,
            alerts=len(data.alerts),
            absences=data.absences,
        ),
        lines=tuple(_line(site, data.values[site], frame) for site in found),
        bands=tuple(_bands(data.phases, frame)),
        scores=tuple(Tick(frame.y(Fraction(value)), str(value)) for value in range(0, 11, 2)),
        dates=tuple(
            Tick(frame.x(day), day_text(day))
            for day in data.days[:: -size.date_step(len(data.days))]
        ),
        flags=tuple(
            Flag(frame.x(day), frame.x(day) - ICON / 2, code)
            for day, code in data.alerts
            if day in frame.inside
        ),
        flares=tuple(_flares(data.flares, frame)),
        gaps=tuple(_gaps(data, frame)),
    )


class _Frame:
    """Where days and scores lie."""

    def __init__(self, days: Sequence[date], size: Size) -> None:
        self.first, self.last = days[0], days[-1]
        self.inside = set(days)
        self.left, self.right = 28, size.width - 18
        self.top, self.bottom = 34, size.height - 28
        self.is_marked = len(days) <= MOST_MARKED_DAYS
        self._step = (self.right - self.left - 16) / max(1, len(days) - 1)

    def x(self, day: date) -> float:
        """The middle of `day`."""
        return round(self.left + 8 + (day - self.first).days * self._step, 1)

    def edge(self, day: date) -> float:
        """Where `day` begins, inside the plot."""
        return min(max(self.x(day) - self._step / 2, self.left), self.right)

    def span(self, start: date, end: date, code: str) -> Span:
        """The days from `start` until the day before `end`."""
        left = self.edge(start)
        right = self.right if end > self.last else self.edge(end)
        return Span(round(left, 1), round(right - left, 1), code)

    def y(self, value: Fraction) -> float:
        """The height of a score."""
        return round(self.bottom - float(value) / MAX_SCORE * (self.bottom - self.top), 1)


def _line(site: str, values: Mapping[date, Fraction], frame: _Frame) -> Line:
    stretches: list[list[Point]] = []
    before = None
    for day in sorted(values):
        if before is None or day - before > DAY:
            stretches.append([])
        stretches[-1].append(Point(frame.x(day), frame.y(values[day])))
        before = day
    return Line(
        site=site,
        label=LABELS[site],
        stretches=tuple(
            " ".join(f"{point.x},{point.y}" for point in stretch)
            for stretch in stretches
            if len(stretch) > 1
        ),
        marks=tuple(
            point
            for stretch in stretches
            for point in stretch
            # A value that stands alone has no line to be seen by.
            if frame.is_marked or len(stretch) == 1
        ),
    )


def _flares(flares: Sequence[tuple[date, date]], frame: _Frame) -> list[Span]:
    inside = ((max(start, frame.first), min(end, frame.last + DAY)) for start, end in flares)
    return [frame.span(start, end, "flare") for start, end in inside if start < end]


def _gaps(data: ChartData, frame: _Frame) -> list[Span]:
    spans = []
    for code, group in groupby(data.days, key=lambda day: data.absences.get(day, "")):
        days = list(group)
        if code:
            spans.append(frame.span(days[0], days[-1] + DAY, code))
    return spans


def _bands(phases: Sequence[tuple[date, str, str]], frame: _Frame) -> list[Band]:
    bands = []
    for index, (start, code, label) in enumerate(phases):
        end = phases[index + 1][0] if index + 1 < len(phases) else frame.last + DAY
        left = frame.edge(max(start, frame.first))
        right = frame.right if end > frame.last else frame.edge(end)
        width = round(right - left, 1)
        if end > frame.first and start <= frame.last and width > 0:
            # About seven units a letter in the chart's type.
            shown = label if width > 7 * len(label) + 8 else ""
            bands.append(Band(round(left, 1), width, round(left + 6, 1), code, shown))
    return bands
