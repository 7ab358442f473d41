"""What is typed into any form or address is shown as what it is: it runs nowhere, breaks no page, and fills no other field.

Forms are found on the pages as people of each role see them, so that a new form is tried without being listed.
"""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.structure import sources
from tests.views.conftest import signed_in
from tests.views.test_every_route import ORACLE, address, body, world  # noqa: F401 (a fixture)

MARK = "qzx7"
RUNNING = f"""{MARK}"><script>{MARK}()</script><img src=x onerror={MARK}()>'</textarea></title><svg/onload={MARK}()>"""
TEXTS = (
    RUNNING
    + "' OR '1'='1'; DROP TABLE trust_account; -- \\ {{191*7}}${191*7}<%=191*7%>%s%n%d{0.__class__}{settings.SECRET_KEY}",
    f"javascript:{MARK}()\r\nSet-Cookie: {MARK}=1\r\n\r\n<html>../../../../etc/passwd\u202e\ufeff\U0001f3da{'x' * 20_000}",
    f"{MARK}\x00",
)
RUNS = re.compile(
    rf"<script>{MARK}|<img src=x|<svg/onload|onerror={MARK}(?![^<]*&)|[^&]\b1337\b(?=\$|<|#)|href=[\"']?javascript:|action=[\"']?javascript:"
)
PEOPLE = ("bruno", "ines", "hana", "lina", "farah")
# Ends what the others need.
LEFT_OUT = ("/account/sign-out", "/close/", "/sign-out-everywhere/")


class Forms(HTMLParser):
    """The forms of a page: where each is sent, how, and its fields with what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(
                {
                    "action": held.get("action", ""),
                    "method": held.get("method", "get").lower(),
                    "texts": set(),
                    "files": set(),
                    "given": {},
                }
            )
        elif self.found and held.get("name"):
            self._field(tag, held, self.found[-1])

    def _field(self, tag: str, held: dict[str, str], form: dict[str, Any]) -> None:
        name, kind = held["name"], held.get("type", "text") if tag == "input" else tag
        if kind == "file":
            form["files"].add(name)
        elif kind in ("radio", "checkbox", "hidden", "select", "button", "submit"):
            form["given"].setdefault(name, held.get("value", ""))
        else:
            form["texts"].add(name)


def forms_of(page: str, at: str) -> list[dict[str, Any]]:
    reader = Forms()
    reader.feed(page)
    return [each | {"action": each["action"] or at} for each in reader.found]


@pytest.fixture(scope="module")
def pages(world) -> dict[tuple[str, str], str]:  # noqa: F811
    """What each page says to those who may see it, by name and address."""
    found = {}
    for name in PEOPLE:
        browser = signed_in(name)
        for route in routes_of(name):
            response = browser.get(address(route, world["north"]))
            if response.get("Content-Type", "").startswith("text/html"):
                found[name, address(route, world["north"])] = body(response)
    return found


def routes_of(name: str) -> list[str]:
    """The routes that answer somebody, by the oracle."""
    return [
        route
        for route, told in ORACLE.items()
        if 200 in (told[name], *(told[name] if isinstance(told[name], tuple) else ()))
    ]


@pytest.fixture(scope="module")
def forms(pages) -> dict[tuple, tuple[str, dict[str, Any]]]:
    """Each form that anybody sees, once, with somebody who sees it."""
    found: dict[tuple, tuple[str, dict[str, Any]]] = {}
    for (name, at), page in pages.items():
        for form in forms_of(page, at):
            place = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "#", form["action"].partition("?")[0])
            found.setdefault((place, form["method"], frozenset(form["texts"])), (name, form))
    return {
        key: each for key, each in found.items() if not key[0].startswith(LEFT_OUT) and not key[0].endswith(LEFT_OUT)
    }


def sent(form: dict[str, Any], text: str) -> dict[str, Any]:
    """What is sent: the text in each field that takes any, and what stood there in all others."""
    files = {name: SimpleUploadedFile(f"{text[:80]}.csv", text.encode()) for name in form["files"]}
    return form["given"] | dict.fromkeys(form["texts"], text) | files


def submitted(browser: Client, form: dict[str, Any], text: str):
    ask = browser.post if form["method"] == "post" else browser.get
    return ask(form["action"], sent(form, text))


def test_nothing_typed_into_a_form_runs_or_breaks_a_page(forms, world):  # noqa: F811
    assert sum(bool(form["texts"]) for _, form in forms.values()) >= 15
    wrong = []
    for (place, _, _), (name, form) in forms.items():
        for text in TEXTS if form["texts"] or form["files"] else ():
            browser = signed_in(name)
            browser.raise_request_exception = False
            response = submitted(browser, form, text)
            wrong += [(place, text[:30], problem) for problem in problems(response)]
    for name in ("bruno", "hana", "lina"):
        browser = signed_in(name)
        wrong += [
            (route, "later", problem)
            for route in routes_of(name)
            for problem in problems(browser.get(address(route, world["north"])))
        ]
    assert wrong == []


def problems(response) -> list[str]:
    found = ["a fault of ours"] if response.status_code >= 500 else []
    if MARK in response.cookies or any("\n" in value for _, value in response.items()):
        found.append("a header of a stranger's")
    if MARK in response.get("Location", "") and not response["Location"].startswith("/"):
        found.append("leads away")
    if response.get("Content-Type", "").startswith("text/html") and (ran := RUNS.search(body(response))):
        found.append(ran[0])
    return found


def test_nothing_in_an_address_runs_or_breaks_a_page(world):  # noqa: F811
    """Each parameter that any page or view names, with each text, and twice."""
    named = {
        name
        for each in sources.python("amparo/web")
        for name in re.findall(r"GET(?:\.get|\.getlist)?[\[(]\"(\w+)\"", sources.text(each))
    }
    assert {"after", "next"} <= named
    wrong = []
    for name in ("bruno", "hana", "lina"):
        browser = signed_in(name)
        browser.raise_request_exception = False
        for route in routes_of(name):
            for text in (TEXTS[0], TEXTS[-1]):
                response = browser.get(address(route, world["north"]), {each: [text[:1_000], "1"] for each in named})
                wrong += [(route, text[:30], problem) for problem in problems(response)]
    for at in (
        f"/areas/{MARK}%22%3E%3Cscript%3E{MARK}()%3C/script%3E/",
        f"/find/{MARK}'--/",
        "/areas/%00/",
        "/households/%ff/",
        f"/rules/rule/{MARK}/%0d%0a/",
    ):
        wrong += [(at, "", problem) for problem in problems(browser.get(at))]
    assert wrong == []


def test_a_field_that_a_form_has_not_changes_nothing(world):  # noqa: F811
    """Whatever else is sent along, an account that is opened is like any other."""
    from amparo.trust.models import Account

    more = {each.name: "1" for each in Account._meta.fields} | {
        "roles": "administrator",
        "role": "administrator",
        "area": "n1",
    }
    browser = signed_in("hana")
    for name, extra in (("plain", {}), ("greedy", more)):
        typed = extra | {"display_name": "Guest", "username": name, "email": ""}
        assert browser.post("/officers/open/", typed).status_code in (200, 302)
    plain, greedy = (
        {each.name: getattr(Account.objects.get(username=name), each.name) for each in Account._meta.fields}
        for name in ("plain", "greedy")
    )
    own = {"id", "username", "password"} | {name for name, value in plain.items() if hasattr(value, "isoformat")}
    assert {name: greedy[name] for name in plain if name not in own} == {
        name: plain[name] for name in plain if name not in own
    }


def scripts() -> list[str]:
    return list(sources.under("amparo/web/static/web", ".js"))


def test_no_page_writes_a_script_of_its_own(pages):
    """No script stands in a page but by its address, and none of ours makes one of a text."""
    for at, page in pages.items():
        assert not re.search(r"<script(?![^>]*\bsrc=\"/static/)", page), at
        assert not re.search(r"<[^>]+\son\w+\s*=", page), at
    made = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setTimeout\(\s*[\"']"
    )
    sources.expect_none(each for each in scripts() if made.search(sources.text(each)))


def test_no_script_listens_to_other_windows():
    assert scripts()
    sources.expect_none(
        each for each in scripts() if re.search(r"postMessage|[\"']message[\"']|window\.opener", sources.text(each))
    )


def test_nothing_is_kept_in_a_browsers_storage():
    kept = re.compile(r"localStorage|sessionStorage|indexedDB|caches\.|document\.cookie|serviceWorker")
    sources.expect_none(each for each in scripts() if kept.search(sources.text(each)))
    assert '"historyCacheSize": 0' in sources.text("amparo/web/templates/web/base.html")
