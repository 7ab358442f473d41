"""What must be true of every page."""

import re
from html.parser import HTMLParser

from django.http import HttpResponse
from django.test import Client


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.forms_open = 0
        self.idle_buttons: list[dict] = []
        self.headings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        self.elements.append((tag, held))
        self.forms_open += tag == "form"
        if tag == "button" and "hidden" not in held and not self.forms_open:
            self.idle_buttons.append(held)

    def handle_endtag(self, tag: str) -> None:
        self.forms_open -= tag == "form"


def elements(response: HttpResponse) -> _Elements:
    found = _Elements()
    found.feed(response.content.decode())
    return found


def text(response: HttpResponse) -> str:
    """Return the words of a page, without tags and with single spaces."""
    body = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", body)


def assert_works_without_javascript(response: HttpResponse) -> None:
    """Every button sends a form, every link leads somewhere, and nothing waits for a script."""
    page = elements(response)
    assert not page.idle_buttons
    for tag, held in page.elements:
        assert not [name for name in held if name.startswith("on")], f"{tag} has a script of its own"
        assert tag != "a" or held.get("href") not in ("", "#", None) or held.get("name")
        assert tag != "style"
        assert "style" not in held, f"{tag} has a style of its own, which the content policy refuses"
        assert tag != "script" or held.get("src", "").startswith("/static/") or held.get("nonce")


def assert_says_where_one_is(response: HttpResponse) -> None:
    """One main heading, a title, a language and a direction."""
    page = elements(response)
    assert [tag for tag, _ in page.elements].count("h1") == 1
    html = next(held for tag, held in page.elements if tag == "html")
    assert html["lang"] == "en"
    assert html["dir"] == "ltr"


def assert_is_whole(response: HttpResponse) -> None:
    assert response.status_code == 200
    assert_says_where_one_is(response)
    assert_works_without_javascript(response)


def assert_leads_to_sign_in(browser: Client, address: str) -> None:
    response = browser.get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/account/sign-in/?next=")


def assert_refused(response: HttpResponse, status: int) -> None:
    """The page says what happened and what to do, in words, and names no message id."""
    assert response.status_code == status
    assert_says_where_one_is(response)
    assert not re.search(r"\b(web|trust|registry|intake|programmes|rules)-[a-z]+-[a-z-]+\b(?![^<]*>)", text(response))


def assert_asked_again(response: HttpResponse, *fields: str) -> None:
    """The same form again: a summary of what is wrong that leads to each of these fields, and the words beside them."""
    assert_refused(response, 400)
    assert "There is a problem" in text(response)
    found = elements(response).elements
    summary = [held["href"] for tag, held in found if tag == "a" and held.get("href", "").startswith("#id_")]
    assert summary == [f"#{each}" for each in fields]
    described = {held["id"]: held.get("aria-describedby") or "" for _, held in found if "id" in held}
    for each in fields:
        assert f"{each}-error" in described[each].split()
        assert f"{each}-error" in described


def unguarded(response: HttpResponse) -> list[str]:
    """Return what an answer lacks of the headers that every answer of ours has, and what it has too much."""
    policy = dict(each.strip().partition(" ")[::2] for each in response.get("Content-Security-Policy", "").split(";"))
    wanted = {
        "policy: default": policy.get("default-src") == "'none'",
        "policy: object": policy.get("object-src") == "'none'",
        "policy: base": policy.get("base-uri") == "'none'",
        "policy: frames": policy.get("frame-ancestors") == "'none'",
        "policy: forms": policy.get("form-action") == "'self'",
        "policy: scripts": bool(re.fullmatch(r"'self' 'nonce-[\w-]{16,}'", policy.get("script-src", ""))),
        "nosniff": response.get("X-Content-Type-Options") == "nosniff",
        "referrer": response.get("Referrer-Policy") == "same-origin",
        "opener": response.get("Cross-Origin-Opener-Policy") == "same-origin",
        "resource": response.get("Cross-Origin-Resource-Policy") == "same-origin",
        "permissions": "geolocation=()" in response.get("Permissions-Policy", ""),
        "frames": response.get("X-Frame-Options") == "DENY",
        "cache": "no-store" in response.get("Cache-Control", ""),
        "no other site": "Access-Control-Allow-Origin" not in response,
        "charset": not response.get("Content-Type", "").startswith("text/")
        or "charset=utf-8" in response["Content-Type"],
    }
    return [name for name, is_so in wanted.items() if not is_so]
