"""What happens beside allauth's own work: the patient's record, known devices, sealed secrets."""

import base64
import logging
import smtplib
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.encoding import force_bytes

from backend.accounts import devices, sessions
from backend.accounts.models import User
from backend.accounts.services import open_record
from backend.core import clock

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """The app signs up patients; therapists are employed by their clinic."""

    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: BaseForm, commit: bool = True
    ) -> AbstractBaseUser:
        person = cast(User, user)
        person.joined_at = clock.now()
        with transaction.atomic():
            saved = super().save_user(request, person, form, commit)
            if commit:
                open_record(user=person, now=person.joined_at)
        return saved

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Signs `user` in, every step passed."""
        super().login(request, user)
        person = cast(User, user)
        sessions.begin(request, now=clock.now())
        devices.remember(request, person.email, _second_factor_of(person))

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tells whoever owns the address; the answer is that of a new one, as is the work."""
        make_password(email)
        super().send_account_already_exists_mail(email)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tells the owner that her password, address or second factor was changed. That a sign-up
        is complete she knows; and a mail server that is away undoes no change."""
        if template_prefix == "account/email/email_confirm":
            return
        try:
            super().send_notification_mail(template_prefix, user, context, email)
        except (smtplib.SMTPException, OSError) as error:
            logger.error(  # noqa: TRY400  (a traceback may quote the address)
                "a mail about a change of an account cannot be sent: %s", type(error).__name__
            )

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the limits count: of the connection, or as the trusted proxies say."""
        try:
            return str(super().get_client_ip(request))
        except ImproperlyConfigured:
            # Fewer addresses than proxies: the request did not come through them.
            return str(request.META["REMOTE_ADDR"])

    def clean_password(self, password: str, user: AbstractBaseUser | None = None) -> str:
        self._refuse_half_characters(password)
        return super().clean_password(password, user)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        self._refuse_half_characters(credentials["password"])
        super().pre_authenticate(request, **credentials)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth adds the name of the host, and there are several for the same site.
        return str(credentials.get("email", "")).lower()

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """allauth calls this once a password was reset: her mailbox proved her, so that attackers
        who keep guessing cannot keep her out with the new one."""
        super()._delete_login_attempts_cached_email(request, **credentials)
        for user in User.objects.filter(emailaddress__email=credentials["email"].lower()):
            devices.remember(request, user.email, _second_factor_of(user))

    def _refuse_half_characters(self, password: str) -> None:
        # JSON can spell half of a surrogate pair; such a text has no bytes that could be hashed.
        if any("\ud800" <= letter <= "\udfff" for letter in password):
            raise self.validation_error("invalid_login")


def _second_factor_of(user: User) -> str:
    """What allauth calls the attempts at somebody's second factor."""
    return f"mfa-auth-user-{user.pk}"


class MfaAdapter(DefaultMFAAdapter):
    """Keeps the secrets of second factors encrypted in the database.

    The key comes from SECRET_KEY; to change that, move the old one to SECRET_KEY_FALLBACKS.
    """

    def encrypt(self, text: str) -> str:
        return _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _seal().decrypt(encrypted_text.encode()).decode()


def _seal() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(secret)) for secret in secrets])


def _derived(secret: str | bytes) -> bytes:
    kdf = HKDF(SHA256(), length=32, salt=None, info=b"stepwise second factor")
    return base64.urlsafe_b64encode(kdf.derive(force_bytes(secret)))
