"""What a therapist types on the pages."""

from django import forms
from django.core.validators import RegexValidator

from backend.core.wire import PLAIN


class ResolveForm(forms.Form):
    """Why an alert is closed: never without a reason."""

    reason = forms.CharField(
        max_length=500,
        validators=[RegexValidator(PLAIN, "Use plain text without control characters.")],
        error_messages={"required": "Say why you close this alert."},
    )
