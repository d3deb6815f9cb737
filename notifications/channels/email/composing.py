"""The mail as it leaves: text and HTML that say the same, and nothing about anybody's health."""

import html
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from exercises.triage.levels import Level
from notifications.channels.contract import Envelope
from notifications.channels.email.unsubscribing import unsubscribe_url
from notifications.wording import Mail, wording


def compose(envelope: Envelope) -> EmailMultiAlternatives:
    """The mail for one delivery; what is not urgent can be switched off with one click."""
    words = _words(envelope)
    link = "" if is_safety_message(envelope) else _link(envelope)
    values = {
        "emergency_number": envelope.emergency_number,
        "dashboard": f"{settings.PUBLIC_URL}/dashboard/",
        "unsubscribe": link,
    }
    body, footer = words.body.format_map(values), words.footer.format_map(values)
    mail = EmailMultiAlternatives(
        subject=words.subject,
        body=f"{body}\n\n-- \n{footer}\n",
        to=[envelope.address],
        headers=_headers(envelope, link),
    )
    mail.attach_alternative(_page(words.subject, body, footer, envelope.language), "text/html")
    return mail


def is_safety_message(envelope: Envelope) -> bool:
    """Whether nobody may switch it off."""
    return envelope.level >= Level.URGENT_SAME_DAY


def _words(envelope: Envelope) -> Mail:
    mails = wording().email
    if envelope.kind == "digest":
        return mails["digest"]
    if envelope.audience == "patient":
        at_once = envelope.level == Level.EMERGENCY_NOW
        ordinary = "patient_today" if is_safety_message(envelope) else "patient"
        return mails["patient_now" if at_once else ordinary]
    return mails["therapist_now" if is_safety_message(envelope) else "therapist"]


def _headers(envelope: Envelope, link: str) -> dict[str, str]:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    headers = {
        "Message-ID": f"<{envelope.delivery}@{domain}>",
        "X-Stepwise-Delivery": str(envelope.delivery),
        "Auto-Submitted": "auto-generated",
    }
    if link:
        headers["List-Unsubscribe"] = f"<{link}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _link(envelope: Envelope) -> str:
    return unsubscribe_url(envelope.recipient) if envelope.recipient else ""


def _page(subject: str, body: str, footer: str, language: str) -> str:
    paragraphs = "".join(f"<p>{_linked(part)}</p>" for part in body.split("\n\n"))
    small = "<br>".join(_linked(line) for line in footer.split("\n"))
    return (
        f'<!doctype html><html lang="{html.escape(language)}"><head><meta charset="utf-8">'
        f"<title>{html.escape(subject)}</title></head>"
        f"<body>{paragraphs}<hr><p><small>{small}</small></p></body></html>"
    )


def _linked(text: str) -> str:
    words = [html.escape(word) for word in text.split(" ")]
    return " ".join(
        f'<a href="{word}">{word}</a>' if word.startswith(("https://", "http://")) else word
        for word in words
    )
