"""Puts messages into words, in the languages of the profile.

Catalogues are gettext files whose msgid is a message id: `amparo/locale/<language>/<package>.po` for the product and
`profiles/<country>/locale/<language>.po` for the country's own words. They are read as they stand, nothing is compiled.
"""

import re
from datetime import date, datetime
from decimal import Decimal, localcontext
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

from amparo.kernel.dates import Month
from amparo.kernel.errors import Refused
from amparo.kernel.messages import Message
from amparo.kernel.money import Money

CORE = Path(__file__).parent.parent / "locale"
DEFAULT = "en"

_country_folders: list[Path] = []


def speak_also(folder: Path) -> None:
    """Add a country's own words: a folder with one `<language>.po` per language."""
    if folder not in _country_folders:
        _country_folders.append(folder)
        words.cache_clear()


@cache
def words(language: str) -> dict[str, Any]:
    """Return message id → text, or → tuple of plural forms, with the catalogue's plural rule under `""`."""
    texts: dict[str, Any] = {}
    files = [*sorted((CORE / language).glob("*.po")), *(folder / f"{language}.po" for folder in _country_folders)]
    for file in filter(Path.exists, files):
        with file.open("rb") as stream:
            catalogue = read_po(stream, locale=language)
        for entry in catalogue:
            if entry.id and entry.string:
                texts[entry.id[0] if isinstance(entry.id, tuple) else entry.id] = entry.string
        texts[""] = catalogue.plural_expr
    return texts


def is_right_to_left(language: str) -> bool:
    return Locale.parse(language, sep="-").text_direction == "rtl"


def say(message: Message | str, language: str = DEFAULT, /, **values: Any) -> str:
    """Return the text of a message in a language, falling back to the default language word by word.

    A message without text in either is refused: an id on a screen helps nobody.
    """
    if isinstance(message, str):
        message = Message(message, values)
    for candidate in (language, DEFAULT):
        text = words(candidate).get(message.id)
        if text is not None:
            if isinstance(text, tuple):
                text = text[_plural_form(words(candidate)[""], message.values.get("count"), len(text))]
            return text.format(**{name: written(value, candidate) for name, value in message.values.items()})
    raise Refused("profiles-message-missing", id=message.id)


def has_words(id: str) -> bool:
    """Whether there are words for an id; under no id at all a catalogue keeps its own header, which is nobody's words."""
    return bool(id) and id in words(DEFAULT)


def written(value: Any, language: str) -> str:
    """Return a value as people of this language write it; None is a dash, never a zero."""
    locale = Locale.parse(language, sep="-")
    match value:
        case None:
            return "–"
        case Message():
            return say(value, language)
        case bool():
            return say("kernel-yes" if value else "kernel-no", language)
        case int() | float():
            return format_decimal(value, locale=locale)
        case Decimal():  # with the decimals it has: somebody reckons on with it
            decimals = "0" * max(0, -int(value.as_tuple().exponent))
            with localcontext(prec=400):  # Babel rounds in the context of whoever asks
                return format_decimal(value, f"#,##0.{decimals}", locale)
        case Money():
            # A currency without a sign of its own stands apart from the digits, as CLDR asks and Babel does not do.
            written_out = format_currency(value.major, value.currency, locale=locale)
            return re.sub(r"(?<=[A-Z]{3})(?=\d)", "\N{NO-BREAK SPACE}", written_out)
        case datetime():
            return format_datetime(value, "medium", locale=locale)
        case date():
            return format_date(value, "long", locale=locale)
        case Month():
            return format_skeleton("yMMMM", value.first, locale=locale)
        case list() | tuple():
            return ", ".join(written(each, language) for each in value)
        case _:
            return str(value)


def _plural_form(expression: str, count: Any, forms: int) -> int:
    from gettext import c2py

    return min(c2py(expression)(int(count or 0)), forms - 1)
