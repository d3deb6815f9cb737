"""How we speak with PostgreSQL."""

from typing import Any

# Without values the plan is the same for everybody, which is meant: the statements that we remember go
# by index from one patient. Left to choose, PostgreSQL plans the longer ones anew for each call, since
# it leaves out of its reckoning nearly all that planning itself costs (docs/adr/0047).
GENERIC = "-c plan_cache_mode=force_generic_plan"


def prepared(database: dict[str, Any]) -> dict[str, Any]:
    """`database` as settings, with statements that come again planned once a connection."""
    options = {**database.get("OPTIONS", {})}
    own = options.get("options", "")
    return database | {
        "OPTIONS": options | {"prepare_threshold": 1, "options": f"{GENERIC} {own}".strip()}
    }
