"""The visit brief as a tagged PDF (PDF/UA-1): the same words as the page, on one A4 side.

Where the library that draws text (pango) is not installed, there is no PDF and everything else
works. The same brief makes the same bytes: nothing of the moment or of chance is in the file.
"""

import hashlib
import logging
import threading
from importlib import import_module
from importlib.resources import files
from types import ModuleType
from typing import Any

from django.template.loader import render_to_string

from backend.core.problems import Problem
from exercises.reports.brief_page import Page

logger = logging.getLogger(__name__)
# From roomy to dense: the first that fits on one side is taken.
SIZES = ("roomy", "close", "dense")
# Text is shaped by one thread at a time: a brief takes tens of milliseconds, and memory once.
_drawing = threading.Lock()


class PdfUnavailable(Problem):
    """The server cannot draw PDFs; the page itself can be read and printed."""

    def __init__(self) -> None:
        super().__init__(
            503,
            "pdf_unavailable",
            "This server cannot make PDFs at present: the library pango is missing. Read the brief "
            "itself, or print its page.",
            headers={"Retry-After": "3600"},
        )


def pdf_of(page: Page, *, footer: str) -> bytes:
    """The PDF of a page; raises `PdfUnavailable`. `footer` says what it was made from."""
    weasyprint = _weasyprint()
    with _drawing:
        document = _fitting(weasyprint, page, footer)
        drawn: bytes = document.write_pdf(
            pdf_variant="pdf/ua-1", pdf_tags=True, uncompressed_pdf=False, full_fonts=False
        )
    return drawn


def tag_of(page: Page, *, footer: str) -> str:
    """What tells two PDFs apart, without drawing them."""
    text = _html(page, footer, SIZES[0]) + _styles()
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _fitting(weasyprint: ModuleType, page: Page, footer: str) -> Any:
    document = None
    for size in SIZES:
        html = weasyprint.HTML(string=_html(page, footer, size), url_fetcher=_fetch_nothing)
        document = html.render(stylesheets=[weasyprint.CSS(string=_styles())])
        if len(document.pages) == 1:
            break
    return document


def _html(page: Page, footer: str, size: str) -> str:
    return render_to_string("brief/pdf.html", {"page": page, "footer": footer, "size": size})


def _styles() -> str:
    return files("exercises.reports").joinpath("static/brief/brief.css").read_text("utf-8")


def _fetch_nothing(*_: Any, **__: Any) -> Any:
    raise ValueError("A brief has nothing to fetch.")


def _weasyprint() -> ModuleType:
    try:
        return import_module("weasyprint")
    except (ImportError, OSError) as error:
        logger.warning("no PDF: %s", type(error).__name__)
        raise PdfUnavailable from None
