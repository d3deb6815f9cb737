"""The markup of one row of the list of patients.

The list is read every few seconds by everybody who works with it, fifty rows at a time. A template
takes ten times as long for a row as this does, and longer than all else that the list costs
(docs/adr/0030-the-panels-summary.md). Whatever people typed goes through `escape`.
"""

from functools import cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from backend.dashboard.presenters.levels import Badge
from backend.dashboard.presenters.numbers import PainLine, ShareLine
from backend.dashboard.presenters.panel import Heard, PatientLine, ReasonLine
from backend.dashboard.presenters.plans import TIMES
from backend.dashboard.presenters.times import Moment

NOBODY = "00000000-0000-0000-0000-000000000000"
NOT_SHARED = '<p class="since">Diary not shared</p>'


def row_markup(line: PatientLine) -> SafeString:
    """One `<li>`."""
    classes = f"row {line.badge.code}{' is-unread' if line.unread else ''}"
    return mark_safe(  # noqa: S308  (each part is escaped where it is put in)
        f'<li class="{classes}">{_who(line)}{_why(line)}{_cells(line)}</li>'
    )


def _who(line: PatientLine) -> str:
    href = _address().replace(NOBODY, str(line.id))
    new = f'<span class="new">{line.unread} new</span>' if line.unread else ""
    name = f'<a id="patient-{line.id}" href="{href}">{escape(line.name)}</a>'
    whom = line.on_behalf_of
    behalf = f'<p class="behalf">For {escape(whom)}</p>' if whom else ""
    return f'<div class="who"><div class="name"><h2>{name}</h2>{new}</div><p>{_plan(line)}</p>{behalf}</div>'


def _plan(line: PatientLine) -> str:
    if not line.diary_shared:
        return "Diary not shared"
    plan = line.plan
    text = escape(f"{plan.phase} · {plan.day}" if plan.day else plan.phase)
    if not plan.is_paused:
        return text
    return f'{text} <span class="paused" title="{escape(plan.why_paused)}">Paused</span>'


def _why(line: PatientLine) -> str:
    reasons = "".join([_reason(reason) for reason in line.reasons])
    if line.more_reasons:
        reasons += f'<li class="since more">and {line.more_reasons} more</li>'
    listed = f"<ul>{reasons}</ul>" if reasons else ""
    return f'<div class="why">{_badge(line.badge)}{listed}</div>'


def _badge(badge: Badge) -> str:
    return f'<span class="badge {badge.code}">{_icon(badge.code)}{badge.label}</span>'


def _reason(reason: ReasonLine) -> str:
    count = f' <span class="times">{TIMES} {reason.count}</span>' if reason.count > 1 else ""
    status = f" · {reason.status}" if reason.status else ""
    return (
        f'<li><span class="sign {reason.badge.code}">{_icon(reason.badge.code)}'
        f'<span class="hidden">{reason.badge.label}:</span></span>'
        f'<span><span class="title">{escape(reason.title)}</span>{count} '
        f'<span class="since">{_time(reason.since)}{status}</span></span></li>'
    )


def _cells(line: PatientLine) -> str:
    shared = line.diary_shared
    last = f"{_heard(line.reported)}{_heard(line.synced)}"
    return (
        _cell("pain", "Pain, week to week", _pain(line.pain) if shared else NOT_SHARED)
        + _cell("share", "Exercises, 7 days", _share(line.share) if shared else NOT_SHARED)
        + _cell("last", "Last heard of", last if shared else NOT_SHARED)
    )


def _cell(code: str, label: str, content: str) -> str:
    return f'<div class="cell {code}"><span class="label">{label}</span>{content}</div>'


def _pain(pain: PainLine) -> str:
    return (
        f'<span class="value">{pain.latest}</span>'
        f'<span class="change {pain.direction}">{_arrow(pain.direction)}{pain.change}</span>'
        f'<span class="basis">{pain.basis}</span>'
    )


def _share(share: ShareLine) -> str:
    bar = (
        f'<progress max="{share.due}" value="{share.done}" aria-hidden="true"></progress>'
        if share.due
        else ""
    )
    note = f'<span class="basis">{share.note}</span>' if share.note else ""
    return f'<span class="value">{share.text}</span>{bar}{note}'


def _heard(heard: Heard) -> str:
    quiet = " quiet-for-long" if heard.is_quiet else ""
    when = f" {_time(heard.at, day=heard.is_quiet)}" if heard.at else ""
    return f'<span class="heard{quiet}">{heard.text}{when}</span>'


def _time(moment: Moment, *, day: bool = False) -> str:
    text = moment.day if day else moment.ago
    return f'<time datetime="{moment.iso}" title="{moment.exact}">{text}</time>'


@cache
def _icon(code: str) -> str:
    return render_to_string("dashboard/_icon.html", {"code": code}).strip()


@cache
def _arrow(direction: str) -> str:
    return render_to_string("dashboard/_arrow.html", {"direction": direction}).strip()


@cache
def _address() -> str:
    return reverse("dashboard:patient", args=[NOBODY])
