"""Somebody before a browser, and what is held against each page that they come to."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.conftest import AXE

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
NOTING = """
window.brokenPolicy = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.brokenPolicy.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
# The page as it stands after a change of size: what listens for it has heard of it, and its letters are drawn.
SETTLED = """document.fonts.ready.then(() =>
  new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(() => seen()))))"""
PATIENCE = 60_000  # milliseconds; several test processes share the machine


class Visitor:
    """Somebody before a browser: what they asked for from elsewhere, and what the browser complained of."""

    def __init__(self, page, site) -> None:
        self.page, self.site = page, site
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._asked)
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.add_init_script(NOTING)

    def _asked(self, request) -> None:
        if not request.url.startswith((f"{self.site.address}/", "data:")):
            self.elsewhere.append(request.url)

    def go(self, address: str) -> None:
        self.page.goto(self.site.address + address)

    def sign_in(self, name: str) -> None:
        self.go("/account/sign-in/")
        self.page.fill("#id_login", name)
        self.page.fill("#id_password", self.site.password)
        self.press("main form button[data-prevent-double-click]")

    def press(self, what: str) -> None:
        with self.page.expect_navigation():
            self.page.click(what)

    def open_an_account(self) -> None:
        self.page.fill("#id_display_name", "Nour")
        self.page.fill("#id_username", f"nour{id(self)}")
        self.press("main form button")

    def choose_purpose(self) -> None:
        self.page.check("input[value=eligibility]")
        self.press("main form button")

    def choose_purpose_first(self, address: str) -> None:
        self.go("/purpose/")
        self.choose_purpose()
        self.go(address)

    def text(self, what: str = "main") -> str:
        return re.sub(r"\s+", " ", self.page.inner_text(what))

    def broken_policy(self) -> list[str]:
        """Return what the page's own content policy kept from happening."""
        return self.page.evaluate("window.brokenPolicy")

    def barriers(self) -> list[str]:
        """Return what axe holds against the page."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]


@contextmanager
def visiting(chromium, site, *, language: str = "en", **settings) -> Iterator[Visitor]:
    context = chromium.new_context(**({"viewport": DESKTOP} | settings))
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": "amparo_language", "value": language, "url": site.address}])
    yield Visitor(context.new_page(), site)
    context.close()


def faults(at: Visitor, name: str, pictures: Path | None) -> list[str]:
    """Return what is held against a page, on a phone and on a desk, and leave a picture of each where one is asked for."""
    found = [f"{name}: policy: {each}" for each in at.broken_policy()]
    for width, view in (("phone", PHONE), ("desktop", DESKTOP)):
        at.page.set_viewport_size(view)
        at.page.evaluate(SETTLED)
        if pictures:
            at.page.screenshot(path=pictures / f"{name}-{width}.png", full_page=True)
        found += [f"{name}, {width}: {each}" for each in at.barriers()]
        wider = at.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{name}, {width}: {wider} pixels too wide"] if wider > 0 else []
    return found
