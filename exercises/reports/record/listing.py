"""Which column of which table belongs to a patient's export: `content/record.toml`, checked against
the models of the product, so that a column that nobody listed keeps it from starting."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import msgspec
from django.apps import apps
from django.db.models import Model, Q

from backend.core.shaping import convert

PATIENT = "$patient"
SOURCE = "exercises/reports/content/record.toml"


class Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of the export; the file says what each entry means."""

    model: str
    rows: tuple[str | dict[str, str | bool], ...]
    order: tuple[str, ...]
    fields: tuple[str, ...]
    left_out: dict[str, str] = {}
    key: str = "pk"
    numbered: bool = False
    people: tuple[str, ...] = ()
    fresh: dict[str, str] = {}

    @property
    def table(self) -> type[Model]:
        """The model."""
        return apps.get_model(self.model)

    def of(self, patient_id: Any) -> Q:
        """The condition that a row is this patient's."""
        found = Q()
        for way in self.rows:
            given = {way: PATIENT} if isinstance(way, str) else way
            found |= Q(**{name: patient_id if v == PATIENT else v for name, v in given.items()})
        return found


class Listing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`record` moves with the patient, in the order in which it is imported; `traces` are what
    happened on this server; `elsewhere` names the models that are no patient's, with the reason."""

    record: dict[str, Kind]
    traces: dict[str, Kind]
    elsewhere: dict[str, str]

    def kind_of(self, model: str) -> Kind | None:
        """The table of the record for a model ("app.Model")."""
        return next((kind for kind in self.record.values() if kind.model == model), None)


@cache
def listing() -> Listing:
    """The table as it ships."""
    content = resources.files("exercises.reports") / "content" / "record.toml"
    return convert(tomllib.loads(content.read_text(encoding="utf-8")), Listing)


def columns_of(model: type[Model]) -> list[str]:
    """The columns of a model by their fields' names."""
    return [field.name for field in model._meta.local_concrete_fields]


def problems(found: Listing, models: Mapping[str, type[Model]]) -> Iterator[str]:
    """What is missing from the table, listed twice or no longer there, and what to do about it."""
    listed: dict[str, Kind] = {}
    for name, kind in (*found.record.items(), *found.traces.items()):
        if kind.model in listed or kind.model in found.elsewhere:
            yield f"{kind.model} is listed twice ({name}): leave one in {SOURCE}."
        listed[kind.model] = kind
    for label in sorted({*listed, *found.elsewhere} - set(models)):
        yield f"{label} is listed and there is no such model: take it out of {SOURCE}."
    for label, model in sorted(models.items()):
        if label in listed:
            yield from _field_problems(label, listed[label], columns_of(model))
        elif label not in found.elsewhere:
            yield (
                f"{label} is in no table of {SOURCE}: if its rows belong to a patient, add it as"
                " [record.NAME] or [traces.NAME] with its fields; else name it under [elsewhere] and"
                " say whose it is."
            )


def _field_problems(label: str, kind: Kind, columns: list[str]) -> Iterator[str]:
    named = [*kind.fields, *kind.left_out]
    for name in columns:
        if name not in named:
            yield (
                f"{label}.{name} is neither exported nor left out: add it to `fields` of {label} in"
                f" {SOURCE}, or to its `left_out` with the reason."
            )
    for name in sorted(set(named)):
        if name not in columns:
            yield f"{label}.{name} is listed in {SOURCE} and there is no such field: take it out."
        elif named.count(name) > 1:
            yield f"{label}.{name} is both exported and left out in {SOURCE}: choose one."


def all_models() -> dict[str, type[Model]]:
    """Every model of the product and of what it is built on, with the tables between two models."""
    return {
        model._meta.label: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
