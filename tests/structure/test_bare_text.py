"""Text that people read is a message id, put into words at the door: none stands bare in a template or an exception."""

import ast
import re
from html.parser import HTMLParser

from tests.structure import messages, sources

# Attributes that are read out or shown.
SPOKEN = re.compile(
    r"alt|title|placeholder|label|summary|aria-(label|description|roledescription|valuetext|placeholder)|data-i18n\..*"
)
# Attributes of one element only.
SPOKEN_OF = {("input", "value"), ("meta", "content"), ("option", "label"), ("track", "label")}
# `<meta content>` tells browsers, not people, for these names.
SILENT_META = {"viewport", "theme-color", "htmx-config", "robots", "color-scheme", "referrer"}
SILENT_INPUT = {"hidden", "checkbox", "radio", "date", "number"}

TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.S)
COMMENT = re.compile(r"\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}", re.S)
# Filters that print their argument.
PRINTS = re.compile(r"\|\s*(default|default_if_none|yesno|pluralize|add)\s*:\s*[\"']([^\"']*)[\"']")

# Errors that only programmers meet; what a person meets is a Refused.
PROGRAMMERS = {"ValueError", "TypeError", "AssertionError", "NotImplementedError", "ModuleNotFoundError", "LookupError"}
# Nearest to people, even these need a message.
DOORS = ("amparo/web/", "amparo/cli/", "amparo/interop/")
# Runs before there is an Amparo that could say anything, for whoever builds it.
BUILDING = {"amparo/web/assets/build.py"}


class Shown(HTMLParser):
    """Collects what a reader would see or hear of a page whose template tags were taken out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.silent = 0
        self.found: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.silent += tag in ("script", "style")
        for name, value in given.items():
            spoken = SPOKEN.fullmatch(name) or (tag, name) in SPOKEN_OF
            silent = given.get("name") in SILENT_META or given.get("type") in SILENT_INPUT
            if spoken and not (silent and name in ("content", "value")):
                self.note(value)

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style")

    def handle_data(self, text: str) -> None:
        if not self.silent:
            self.note(text)

    def note(self, text: str) -> None:
        if re.search(r"[^\W\d_]", text):
            self.found.append((self.getpos()[0], text.strip()))


def bare_text(template: str) -> list[tuple[int, str]]:
    """Return line and words of every text in a template that no catalogue holds."""

    def blank(tag: re.Match) -> str:
        return "\n" * tag[0].count("\n")

    shown = Shown()
    shown.feed(TAG.sub(blank, COMMENT.sub(blank, template)))
    shown.close()
    printed = [
        (template.count("\n", 0, found.start()) + 1, found[2])
        for tag in TAG.finditer(template)
        for found in PRINTS.finditer(template, *tag.span())
        if re.search(r"[^\W\d_]", found[2]) and not messages.ID.fullmatch(found[2])
    ]
    return sorted(shown.found + printed)


def bare_errors(module: ast.Module, *, at_a_door: bool) -> list[tuple[int, str]]:
    """Return line and name of every error raised with words of its own; what begins with a small letter is no error."""
    return [
        (node.lineno, raised)
        for node in ast.walk(module)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
        for raised in [getattr(node.exc.func, "id", getattr(node.exc.func, "attr", ""))]
        if raised[:1].isupper()
        and (at_a_door or raised not in PROGRAMMERS)
        and any(has_words(each) for each in node.exc.args)
    ]


def has_words(argument: ast.AST) -> bool:
    """Whether an argument is a text, or a text with values in it, that is no message id."""
    match argument:
        case ast.Constant(value=str(text)):
            return not messages.ID.fullmatch(text)
        case ast.JoinedStr(values=parts):
            return any(isinstance(each, ast.Constant) and re.search(r"[A-Za-z]{2} ", each.value) for each in parts)
        case ast.BinOp():
            return has_words(argument.left) or has_words(argument.right)
    return False


def test_templates_hold_no_bare_text():
    sources.expect_none(
        f"{file}:{line} {words}" for file in messages.templates() for line, words in bare_text(sources.text(file))
    )


def test_errors_hold_no_bare_text():
    sources.expect_none(
        f"{file}:{line} {raised}"
        for file in sources.python()
        if file not in BUILDING
        for line, raised in bare_errors(sources.tree(file), at_a_door=file.startswith(DOORS))
    )


def test_planted_text_in_a_template_is_found():
    template = """<p>{% say "web-one" %}</p> {# a note #} {% comment %}One more.{% endcomment %}
<p>Hello {{ name }}</p>
<img alt="A map" src="{% url "map" %}"><a aria-label="{% say "web-two" %}" class="govuk-link">→ 12</a>
<input type="submit" value="Send"><input type="hidden" value="north"><script>let words = 1</script>
<p>{{ number|default:"none" }} {{ day|default:"–" }} {{ n|date:"Y-m-d" }}</p>
<meta name="viewport" content="width=device-width"><meta name="description" content="Pages">"""
    assert bare_text(template) == [(2, "Hello"), (3, "A map"), (4, "Send"), (5, "none"), (6, "Pages")]


def test_planted_text_in_an_error_is_found():
    planted = sources.parse("""
raise Refused("trust-not-permitted")
raise Refused("You may not.")
raise ValueError("no cell reference")
raise RuntimeError(f"no {thing} here")
raise KeyError(name)
""")
    assert bare_errors(planted, at_a_door=False) == [(3, "Refused"), (5, "RuntimeError")]
    assert bare_errors(planted, at_a_door=True) == [(3, "Refused"), (4, "ValueError"), (5, "RuntimeError")]
