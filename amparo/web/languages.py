"""Which languages the pages offer, and which one a reader gets."""

from functools import cache

from babel import Locale
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from amparo.profiles.languages import is_right_to_left
from amparo.web import country


def offered() -> tuple[str, ...]:
    """Return the languages of the profile, its first one first."""
    return country.profile().languages


def of(request: HttpRequest) -> str:
    """Return the cookie's language, else the account's, else the browser's, else the profile's first."""
    user = getattr(request, "user", None)
    of_account = user.language if user is not None and user.is_authenticated else ""
    accepted = [tag for tag, _ in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    wanted = [
        request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""),
        of_account,
        *accepted,
        *(tag.split("-")[0] for tag in accepted),
    ]
    return next((each for each in wanted if each in offered()), offered()[0])


def chosen(request: HttpRequest) -> str:
    """Return the language the page speaks, also where something went wrong before it was chosen."""
    return getattr(request, "language", None) or of(request)


def direction(language: str) -> str:
    return "rtl" if is_right_to_left(language) else "ltr"


@cache
def own_name(language: str) -> str:
    """Return what its speakers call the language."""
    name = Locale.parse(language, sep="-").get_display_name(language) or language
    return name[:1].upper() + name[1:]
