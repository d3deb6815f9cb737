"""The brief as a PDF: one page, tagged, the same bytes each time, and nothing fetched."""

import hashlib
import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from backend.accounts.models import Patient, User
from backend.simulator.demo.clinic import DemoMaker
from exercises.catalog.selectors import exercise
from exercises.reports import brief_pdf
from exercises.reports.brief import brief_of
from exercises.reports.brief_answers import shown
from exercises.reports.brief_page import page_of
from exercises.reports.brief_pdf import PdfUnavailable, pdf_of
from tests.client import ApiClient
from tests.exercises.reports.records import HOSTILE, alert, fullest, record

Api = Callable[[User | Patient | None], ApiClient]
ROOT = Path(__file__).resolve().parents[3]
A4 = (595, 842)
WEDNESDAY = datetime(2026, 5, 6, 8, 41, tzinfo=UTC)


def drawn(one: Any) -> bytes:
    """The PDF of a plain record."""
    return pdf_of(page_of(brief_of(one)), footer="made of a record")


def text_of(pdf: bytes) -> str:
    """The words of its only page, on one line."""
    [page] = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(page.extract_text().split())


def tags_of(pdf: bytes) -> set[str]:
    """The kinds of elements that its structure names."""
    found: set[str] = set()

    def walk(node: Any) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, DictionaryObject):
            found.add(str(node.get("/S", "")))
            walk(node.get("/K", []))

    walk(PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/StructTreeRoot"]["/K"])  # type: ignore[index]
    return found


def test_a_patient_and_her_therapist_get_it(api: Api, asking: Patient, therapist: User) -> None:
    mine = api(asking).get("me/brief.pdf")
    assert (mine.status_code, mine["Content-Type"]) == (200, "application/pdf")
    assert mine["Cache-Control"] == "no-store"
    assert mine["Content-Disposition"] == 'inline; filename="visit-brief-2026-05-04.pdf"'
    text = text_of(mine.content)
    for words in (
        "Pia Patient",
        "May I run again?",
        exercise("EX-01").name,
        "saddle area",
        "4 May 2026",
    ):
        assert words in text
    hers = api(therapist).get(f"patients/{asking.pk}/brief.pdf", Accept_Language="de")
    assert "Blatt für den Arztbesuch" in text_of(hers.content)


def test_one_that_is_known_is_not_drawn_again(
    api: Api, asking: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = api(asking)
    tag = client.get("me/brief.pdf")["ETag"]
    monkeypatch.setattr(brief_pdf, "_weasyprint", lambda: pytest.fail("drawn again"))
    assert client.get("me/brief.pdf", If_None_Match=tag).status_code == 304


def test_the_same_brief_makes_the_same_bytes_in_any_process() -> None:
    code = """
import hashlib, os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings.test"
django.setup()
from tests.exercises.reports.test_brief_pdf import drawn, record
print(hashlib.sha256(drawn(record())).hexdigest())
"""
    elsewhere = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    here = drawn(record())
    assert hashlib.sha256(here).hexdigest() == elsewhere
    assert drawn(record()) == here


def test_another_brief_makes_other_bytes() -> None:
    assert drawn(record()) != drawn(record(name="Olga Other"))


@pytest.mark.parametrize("language", ["en", "de"])
def test_it_can_be_read_by_a_screen_reader(language: str) -> None:
    alerts = [alert("emergency_now", 0)]
    pdf = drawn(record(language=language, alerts=alerts, questions=["Why?"]))
    reader = PdfReader(io.BytesIO(pdf))
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert str(reader.metadata.title).endswith(
        "Pia Patient, 44 " + {"en": "years", "de": "Jahre"}[language]
    )
    assert reader.metadata.creation_date is None
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert tags_of(pdf) >= {"/H1", "/H2", "/P", "/Table", "/TR", "/TH", "/TD", "/L", "/LI"}


def test_its_fonts_are_inside() -> None:
    [page] = PdfReader(io.BytesIO(drawn(record()))).pages
    for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
        inner = font["/DescendantFonts"][0]["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(inner)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_fullest_brief_is_one_page_of_a4(language: str) -> None:
    pdf = drawn(replace(fullest(), language=language))
    [page] = PdfReader(io.BytesIO(pdf)).pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == A4
    assert len(pdf) < 200_000


def test_hostile_words_are_words_and_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[Any] = []
    monkeypatch.setattr(brief_pdf, "_fetch_nothing", lambda *a, **_: fetched.append(a))
    pdf = drawn(record(name=HOSTILE[:80], questions=[HOSTILE]))
    assert "<script>alert(1)</script> {{ 7 }}" in text_of(pdf)
    assert b"/JavaScript" not in pdf
    assert fetched == []


def test_without_pango_the_pdf_says_so_and_the_page_is_there(
    api: Api, asking: Patient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Any:
        raise OSError(f"cannot load library {name}")

    monkeypatch.setattr(brief_pdf, "import_module", missing)
    refused = api(asking).get("me/brief.pdf")
    assert (refused.status_code, refused["Content-Type"]) == (503, "application/problem+json")
    assert (refused.json()["code"], refused.json()["retry"]) == ("pdf_unavailable", "later")
    assert refused["Retry-After"]
    assert api(asking).get("me/brief").status_code == 200
    assert Client().get(f"/brief/{token}/brief.pdf").status_code == 503
    assert Client().get(f"/brief/{token}/").status_code == 200
    with pytest.raises(PdfUnavailable):
        drawn(record())


def test_the_brief_of_every_demo_story_is_one_page(
    db: None, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(WEDNESDAY)
    *_, demo = DemoMaker(WEDNESDAY).make()
    assert not isinstance(demo, str)
    for one in demo.patients:
        patient = Patient.objects.select_related("user").get(pk=one.id)
        found = shown(patient, WEDNESDAY, language="en", with_questions=True)
        assert patient.user.name in text_of(pdf_of(found.page, footer=found.footer)), one.story
