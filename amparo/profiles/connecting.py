"""A connection as somebody writes it on a page: the table of one source, in the words of `connections.toml`."""

from amparo.profiles.places import Problems
from amparo.profiles.reading import files
from amparo.profiles.reading.connections import FILE, connection_of
from amparo.profiles.types import Problem
from amparo.registry.dictionary import Dictionary
from amparo.sources.types import ConnectionConfig
from amparo.trust.covering import Given, Terms

_BEGIN = """\
owner = "{owner}"
agreement = "{agreement}"
connector = "rest"
key = "{key}"
fresh_days = 60

[rest]
address = "https://…/persons/{{number}}"
secret = "{secret}"
echo = "/number"
as_of = "/as_of"
"""
_FIELD = """
[[attribute]]
name = "{name}"
at = "/{name}"
caching = "none"
"""


def read_connection(source: str, text: str, words: Dictionary) -> tuple[ConnectionConfig | None, tuple[Problem, ...]]:
    """Return what is written of a source, or every problem that reading finds."""
    problems = Problems()
    with problems.collected():
        return connection_of(source, files.toml_text(text, FILE), words.decimals), ()
    return None, tuple(problems.found)


def begun(agreement: str, terms: Terms) -> str:
    """Return what an agreement says of a connection already, to be filled in."""
    key = terms.identifiers[0] if terms.identifiers else ""
    fields = [each.name for each in terms.fields if each.grain == "person" and each.given is Given.VALUE]
    secret = terms.provider.replace("_", "-")  # the name of a file; a code may hold what no such name may
    head = _BEGIN.format(owner=terms.provider, agreement=agreement, key=key, secret=secret)
    return head + "".join(_FIELD.format(name=each) for each in fields)
