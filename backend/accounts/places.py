"""What counts as a time zone, a country and a language: the published lists, nothing of our own."""

import re
import zoneinfo
from functools import cache
from importlib import resources

# In the zone directories of some systems, but names of a machine's own setting or of no place.
_NOT_A_PLACE = {"Factory", "localtime", "posixrules"}
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")


@cache
def time_zones() -> frozenset[str]:
    """The names of the IANA time zone database."""
    return frozenset(zoneinfo.available_timezones() - _NOT_A_PLACE)


@cache
def countries() -> frozenset[str]:
    """The ISO 3166-1 alpha-2 codes, from the list that the time zone database carries."""
    table = resources.files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text("utf-8")
    lines = (line for line in table.splitlines() if line and not line.startswith("#"))
    return frozenset(line.partition("\t")[0] for line in lines)


def is_time_zone(name: str) -> bool:
    """Whether `name` is a time zone that every machine of ours knows."""
    return name in time_zones()


def is_country(code: str) -> bool:
    """Whether `code` stands for a country today."""
    return code in countries()


def is_language(tag: str) -> bool:
    """Whether `tag` has the form of a BCP 47 tag of language, script and region ("de", "pt-BR")."""
    return bool(_LANGUAGE.fullmatch(tag))
