"""Every message has words, in every language of the product, with the same values; and every text is used."""

import re

from tests.structure import messages, sources
from tests.structure.messages import LANGUAGES, texts

# Texts that begin like a message id and are none.
NOT_MESSAGES: set[str] = set()
# What some other test demands of the catalogues, whether a page shows it yet or not.
DEMANDED = ("trust-event-",)


def test_every_language_has_every_message_and_every_message_stands_once_in_its_packages_file():
    for language in LANGUAGES:
        for name in messages.CATALOGUES:
            file = f"{messages.LOCALE}/{language}/{name}.po"
            if file not in sources.files():
                continue
            ids = re.findall(r'^msgid "(.+)"', sources.text(file), re.M)
            sources.expect_none(f"{file}: {id} stands twice" for id in set(ids) if ids.count(id) > 1)
            sources.expect_none(f"{file}: {id} belongs elsewhere" for id in ids if not id.startswith(f"{name}-"))
    wanted = {id for language in LANGUAGES for id in texts(language)}
    sources.expect_none(
        f"{language}: {id}" for language in LANGUAGES for id in wanted if not all(texts(language).get(id, [""]))
    )


def test_every_language_names_the_same_values():
    sources.expect_none(
        f"{language}: {id}"
        for language in LANGUAGES
        for id, forms in texts(language).items()
        if named(forms) != named(texts("en").get(id, ()))
    )


def named(forms: tuple[str, ...]) -> set[str]:
    """The values a text names in any of its plural forms; a form for one may leave the number out."""
    return {name for form in forms for name in messages.placeholders(form)}


def test_every_message_that_is_used_has_words():
    sources.expect_none(
        sorted(
            {
                f"{use.place}: {use.id}"
                for use in messages.used().uses
                if use.id not in texts("en") and use.id not in NOT_MESSAGES
            }
        )
    )


def test_every_message_put_together_while_running_has_some_words():
    sources.expect_none(
        each for each in messages.used().beginnings if not any(id.startswith(each) for id in texts("en"))
    )


def test_every_value_a_text_names_is_given_where_it_is_used():
    sources.expect_none(
        f"{use.place}: {use.id} lacks {', '.join(sorted(lacking))}"
        for use in messages.used().uses
        if use.values is not None and (lacking := named(texts("en").get(use.id, ())) - use.values)
    )


def test_every_plural_is_given_a_count():
    sources.expect_none(
        f"{use.place}: {use.id}"
        for use in messages.used().uses
        if use.values is not None and len(texts("en").get(use.id, ())) > 1 and "count" not in use.values
    )


def test_every_refusal_says_what_happened_why_it_matters_and_what_to_do():
    sources.expect_none(
        f"{language}: {use.id}"
        for use in messages.used().uses
        for language in LANGUAGES
        if use.is_refusal and any(form.count("\n") != 2 for form in texts(language).get(use.id, ()))
    )


def test_every_text_is_used():
    used = {use.id for use in messages.used().uses}
    begun = (*messages.used().beginnings, *DEMANDED)
    sources.expect_none(sorted(id for id in texts("en") if id not in used and not id.startswith(begun)))


def test_planted_uses_are_found():
    module = sources.parse("""
raise Refused("trust-one", place=1)
raise NotFound("trust-two", **values)
class Event(StrEnum):
    SEEN = "trust-seen"
words = {"a": "trust-three", "b": "intrust-four"}
say(f"trust-role-{role}")
Message("trust-five", {"count": 2})
class Worse(Refused):
    def __init__(self): super().__init__("trust-six", first=1)
""")
    found = messages.used_in(module, "planted.py")
    assert {(use.id, use.values) for use in found.uses if use.values is not None} == {
        ("trust-one", frozenset({"place"})),
        ("trust-five", frozenset({"count"})),
    }
    assert {use.id for use in found.uses} == {f"trust-{each}" for each in ("one", "two", "three", "five", "six")}
    assert found.beginnings == {"trust-role-"}


def test_planted_uses_in_a_template_are_found():
    template = '<p>{% say "web-one" count=n %}</p>{% say label %}{% include "a.html" with label="web-two" %}'
    found = messages.used_in_template(template, "planted.html")
    assert [(use.id, use.values) for use in found.uses if use.values is not None] == [("web-one", frozenset({"count"}))]
    assert {use.id for use in found.uses} == {"web-one", "web-two"}


def test_a_day_in_figures_is_isolated_where_the_language_runs_from_right_to_left():
    """Bare, 2026-07-01 is drawn there as 01-07-2026."""
    bare = re.compile(r"(?<!\u2066)(?<!\")\b\d{4}-\d\d-\d\d\b")
    found = {id for id, forms in texts("ar").items() for each in forms if bare.search(each)}
    assert found == set()
