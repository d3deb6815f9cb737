"""What signing up asks beside the e-mail address and the password."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.core.validators import RegexValidator
from django.http import HttpRequest

from backend.accounts.models import User
from backend.core.wire import PLAIN


class SignupForm(forms.Form):
    """allauth's sign-up is built on this form: an optional name, and no address as the password."""

    name = forms.CharField(required=False, max_length=200, validators=[RegexValidator(PLAIN)])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("password"):
            person = User(email=cleaned.get("email") or "", name=cleaned.get("name") or "")
            try:
                get_adapter().clean_password(cleaned["password"], person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned

    def signup(self, _request: HttpRequest, user: User) -> None:
        """allauth calls this once the user is saved."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
