"""What a page holds for a passkey, and the codes an authenticator app would show."""

import html
import json
import re
import time
from typing import Any

from django.http import HttpResponse


def asked_of_browser(page: HttpResponse) -> dict[str, Any]:
    """Return what a page asks of the browser's passkey."""
    found = re.search(r'data-asked="([^"]*)"', page.content.decode())
    return json.loads(html.unescape(found[1]))


def code_of(secret: str, *, steps: int = 0) -> str:
    """Return the six digits an app shows for a secret, so many half minutes from now."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(secret.replace(" ", ""), int(time.time()) // 30 + steps))


def secret_on(page: HttpResponse) -> str:
    return re.search(r'class="amparo-secret"[^>]*>([A-Z2-7 ]+)<', page.content.decode())[1].replace(" ", "")
