"""What an area is called in the reader's language; where it has no name in it, in the country's first, and marked so."""

from django.db.models import Model
from django.utils.html import format_html
from django.utils.safestring import SafeString

from amparo.web import country, languages


def named(place: Model, language: str) -> tuple[str, str]:
    """Return an area's name and the language it is in."""
    first = country.profile().languages[0]
    if language != first and (other := place.names.get(language)):
        return other, language
    return place.name, first


def plain(place: Model, language: str) -> str:
    """Return the name alone, for titles, drawings and lists of options, which hold no marks."""
    return named(place, language)[0]


def marked(place: Model, language: str) -> SafeString:
    """Return the name, with its language where that is not the page's, so that it is read aloud as what it is."""
    text, of = named(place, language)
    if of == language:
        return format_html("<bdi>{}</bdi>", text)
    return format_html('<bdi lang="{}">{}</bdi>', of, text)


def attributes(place: Model, language: str) -> SafeString:
    """Return the language of a name as attributes of the element that holds it; none where it is the page's."""
    of = named(place, language)[1]
    return SafeString("") if of == language else format_html(' lang="{}" dir="{}"', of, languages.direction(of))
