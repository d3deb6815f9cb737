"""Who she is, who looks after her, and what she agreed to."""

from collections.abc import Iterator
from typing import Any

from exercises.reports.fhir.elements import Resource, id_of, made, own, period, reference

_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/consentcategorycodes"


def people(document: dict[str, Any]) -> Iterator[Resource]:
    """Patient, Practitioner, Organization, CareTeam and Consent."""
    record, patient = document["record"], document["patient"]
    yield _patient(patient, record)
    for person in document["people"]:
        yield made("Practitioner", person["id"], name=_name(person["name"]))
    for clinic in document["clinics"]:
        yield made("Organization", clinic["id"], name=clinic["name"] or "unnamed")
    for care in record["care"]:
        yield _care_team(patient, care)
    for number, consent in enumerate(record["consents"]):
        is_latest = not any(
            later["scope"] == consent["scope"] for later in record["consents"][number + 1 :]
        )
        yield _consent(patient, consent, is_latest=is_latest)


def _patient(patient: str, record: dict[str, Any]) -> Resource:
    account = record["account"][0]
    language = {"coding": [{"system": "urn:ietf:bcp:47", "code": account["language"]}]}
    return made(
        "Patient",
        patient,
        active=account["is_active"],
        name=_name(account["name"]),
        telecom=[{"system": "email", "value": account["email"]}],
        address=[{"country": account["country"]}] if account["country"] else None,
        communication=[{"language": language, "preferred": True}],
    )


def _name(name: str) -> list[Resource] | None:
    return [{"text": name}] if name else None


def _care_team(patient: str, care: dict[str, Any]) -> Resource:
    member = {
        "member": reference(care["therapist"]),
        "onBehalfOf": reference(care["clinic"]),
    }
    return made(
        "CareTeam",
        care["id"],
        status="inactive" if care["ended_at"] else "active",
        subject=reference(patient),
        period=period(care["started_at"], care["ended_at"]),
        participant=[member],
        managingOrganization=[reference(care["clinic"])],
    )


def _consent(patient: str, consent: dict[str, Any], *, is_latest: bool) -> Resource:
    return made(
        "Consent",
        id_of(patient, "consent", consent["rev"]),
        status="active" if is_latest else "inactive",
        scope={"coding": [{"system": _SCOPE, "code": "patient-privacy"}]},
        category=[{"coding": [{"system": _CATEGORY, "code": "infa"}]}],
        patient=reference(patient),
        dateTime=consent["at"],
        policyRule=own("consent", f"{consent['scope']}-{consent['text_version']}"),
        provision={"type": "permit" if consent["granted"] else "deny"},
    )
