"""Pushes as a phone makes them, and what became of their ops."""

from typing import Any

from tests.client import ApiClient
from tests.exercises.sync.conftest import new_id

VISIT = {"state": "planned", "tz": "Europe/Berlin", "planned_on": "2026-05-20"}


def op(type_: str, data: Any, **more: Any) -> dict[str, Any]:
    """An op as a phone makes it, of one type, with its data."""
    return {"op_id": f"op-{new_id()}", "type": type_, "id": new_id(), "data": data} | more


def push(phone: ApiClient, *ops: Any, **more: Any) -> Any:
    """What is answered to one push of `ops` by one device."""
    body = {"device_id": "phone-1", "device_time": "2026-05-04T08:00:00Z", "ops": list(ops)}
    return phone.post("sync/push", body | more)


def results(answer: Any) -> list[dict[str, Any]]:
    """What became of each op."""
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def statuses(answer: Any) -> list[str]:
    """And the word for it alone."""
    return [result["status"] for result in results(answer)]
