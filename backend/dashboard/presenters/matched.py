"""Why a rule fired, in words: the inputs that matched, as the alert kept them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from backend.dashboard.presenters.symptoms import symptom_text
from backend.dashboard.presenters.times import day_text
from exercises.triage.rules.pack import default_pack
from exercises.triage.thresholds.offered import offered

Values = Mapping[str, Any]
SITES = {"knee": "Knee", "leg": "Leg", "back": "Back", "knee_other": "Other knee"}
KINDS = {"avg24": "average of 24 hours", "now": "at that moment", "worst24": "worst in 24 hours"}


def matched_text(match: Values) -> str:
    """One input that matched. Whatever has no words of its own is listed as it was kept."""
    write = _WRITERS.get(str(match.get("what")), _listed)
    try:
        return write(match)
    except (AttributeError, KeyError, TypeError, ValueError):
        return _listed(match)


def _symptom(match: Values) -> str:
    return (
        f"Reported for {_day(match['local_date'])}: {symptom_text(match['code'], match['attrs'])}"
    )


def _pain(match: Values) -> str:
    site, kind = SITES.get(match["site"], match["site"]), KINDS.get(match["kind"], match["kind"])
    return (
        f"{site} pain {match['score']}/10 ({kind}) on {_day(match['local_date'])}; "
        f"it counts from {match['at_least']}"
    )


def _severe_days(match: Values) -> str:
    days = ", ".join(f"{_day(day)}: {value}" for day, value in match["days"].items())
    return f"Pain of {match['at_least']} or more on {len(match['days'])} days ({days})"


def _flare(match: Values) -> str:
    return (
        f"Pain {match['today']} today; the week before it averaged {match['window_mean_yesterday']}"
    )


def _most_distal(match: Values) -> str:
    reached = ", ".join(f"{_day(day)}: {site}" for day, site in match["days"].items())
    return f"Symptoms reach further down the leg than at the start ({reached})"


def _recurrences(match: Values) -> str:
    days = ", ".join(_day(day) for day in match["dates"])
    return f"Pain came back after it had settled: {days}"


def _history(match: Values) -> str:
    return f"In the history: {str(match['item']).replace('_', ' ')}"


def _elapsed(match: Values) -> str:
    modified = " (sooner because of the history)" if match.get("modified") else ""
    return f"{match['days']} days since care began; it counts from {match['at_least']}{modified}"


def _improved(match: Values) -> str:
    if match["baseline"] is None:
        return "It is not known how strong the pain was at the start"
    change = "improved" if match["improved"] else "no clear improvement"
    return f"Against {match['baseline']} at the start: {change}"


def _threshold(match: Values) -> str:
    item = offered(default_pack().constants)[match["name"]]
    return (
        f"Judged by a number of this patient's own: {item.label} {match['value']} {item.unit} "
        f"(the rules say {match['default']})"
    )


_WRITERS: dict[str, Callable[[Values], str]] = {
    "symptom": _symptom,
    "pain": _pain,
    "severe_days": _severe_days,
    "flare": _flare,
    "most_distal": _most_distal,
    "recurrences": _recurrences,
    "history": _history,
    "age": lambda match: f"Age {match['years']}",
    "elapsed": _elapsed,
    "window_mean": lambda match: f"Pain averaged {match['mean']} over the last 7 days",
    "improved": _improved,
    "rise": lambda match: f"The 7-day average rose from {match['before']} to {match['now']}",
    "groc": lambda match: f"The patient rated the overall change {match['score']} (-5 to +5)",
    "threshold": _threshold,
    "silent": lambda match: f"No pain logged for {match['days']} days",
}


def _listed(match: Values) -> str:
    values = "; ".join(
        f"{str(name).replace('_', ' ')}: {value}" for name, value in match.items() if name != "what"
    )
    what = str(match.get("what", "input")).replace("_", " ").capitalize()
    return f"{what} ({values})" if values else what


def _day(text: str) -> str:
    return day_text(date.fromisoformat(text))
