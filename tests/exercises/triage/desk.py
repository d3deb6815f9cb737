"""A therapist at the prescriptions of one patient."""

from typing import Any

from backend.accounts.models import Patient
from backend.accounts.revisions import revision
from exercises.plans import services as plan_services
from tests.client import ApiClient
from tests.exercises.triage.diary import DAY, START, Diary, at

WHY = {"reason": "Seen in clinic"}
TWICE = {"sets": {"min": 2, "max": 2}}
STRETCH, BRIDGE, CALF, HIP = "EX-01", "EX-10", "EX-18", "EX-03"


class Desk:
    """Reads, adds, changes and ends, on the version that stands."""

    def __init__(self, doctor: ApiClient, patient: Patient) -> None:
        self.doctor, self.path = doctor, f"patients/{patient.pk}/prescriptions"
        self.plan = f"patients/{patient.pk}/plan"

    @property
    def items(self) -> list[dict[str, Any]]:
        return list(self.doctor.get(self.path).json()["items"])

    def of(self, exercise: str) -> dict[str, Any]:
        (found,) = (i for i in self.items if i["prescription"]["exercise"] == exercise)
        return found

    def one(self, exercise: str) -> str:
        return f"{self.path}/{self.of(exercise)['prescription']['id']}"

    def tag(self, path: str) -> str:
        return str(self.doctor.get(path)["ETag"])

    def add(self, exercise: str, tag: str | None = None, **body: Any) -> Any:
        sent = WHY | {"exercise": exercise} | body
        return self.doctor.post(self.path, sent, If_Match=tag or self.tag(self.plan))

    def change(self, exercise: str, /, **body: Any) -> Any:
        path = self.one(exercise)
        return self.doctor.patch(path, WHY | body, If_Match=self.tag(path))

    def retire(self, exercise: str, **body: Any) -> Any:
        path = self.one(exercise)
        return self.doctor.post(f"{path}/retire", WHY | body, If_Match=self.tag(path))

    def tasks(self) -> list[dict[str, Any]]:
        return list(self.doctor.get("tasks").json()["items"])


def to_rehab(diary: Diary, day: int = 0) -> None:
    with revision(diary.patient.pk) as rev:
        plan_services.change_phase(
            plan=diary.plan, phase="rehab", cause="gate", on_date=START + day * DAY, by=None,
            reason="", rev=rev, now=at(day),
        )  # fmt: skip
