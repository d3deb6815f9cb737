"""Mail on the console can be read by whoever tries the product."""

from io import StringIO

from django.core.mail import EmailMultiAlternatives

from backend.core.console_mail import ConsoleMail


def test_a_mail_is_its_reader_its_subject_and_its_plain_text() -> None:
    stream = StringIO()
    mail = EmailMultiAlternatives("Your code", "Type this:\n\nABC-123\n", to=["ada@example.org"])
    mail.attach_alternative("<p>Type this: ABC-123</p>", "text/html")
    assert ConsoleMail(stream=stream).send_messages([mail]) == 1
    said = stream.getvalue()
    assert "Mail to ada@example.org: Your code\n    Type this:\n\n    ABC-123\n" in said
    assert "MIME" not in said
    assert "<p>" not in said
