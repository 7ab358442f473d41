"""Holds what people are told against the dictionary and against what a kind of notice may tell.

A text or an e-mail is seen by whoever holds the telephone: here, and not by convention, its words are kept from asking for
anything but what is neutral, and from naming a programme or money by themselves.
"""

from string import Formatter

from babel.messages.pofile import PoFileError

from amparo.notices.config import Use
from amparo.notices.kinds import ASKED, channel_of, may_hold, parts_of, words_id
from amparo.notices.types import Channel, Kind
from amparo.profiles.checking.languages import texts
from amparo.profiles.places import Problems
from amparo.profiles.reading.notices import FILE
from amparo.profiles.types import Profile
from amparo.registry.dictionary import Type
from amparo.trust.types import FieldClass

# A text is taken apart, and paid for, by so many signs of a script that is not Latin.
LONGEST_TEXT = 5 * 67
_CLASSES = {FieldClass.CONTACT, FieldClass.IDENTITY, FieldClass.SITUATION}


def check(profile: Profile, problems: Problems) -> None:
    for use, where in profile.notices.contact.items():
        _check_field(profile, use, where, problems)
    for language in profile.languages:
        said = _said(profile, language)
        named = _never_named(profile, said)
        for kind in profile.notices.kinds:
            for part in parts_of(kind, may_be_asked=Use.DETAIL in profile.notices.contact):
                _check_words(said.get(words_id(kind, part), ""), kind, part, language, named, problems)


def _said(profile: Profile, language: str) -> dict[str, str]:
    """Return what a catalogue says; nothing where it cannot be read, which `languages` has told."""
    file = profile.folder / f"locale/{language}.po"
    try:
        return texts(file, language) if file.is_file() else {}
    except (PoFileError, ValueError):
        return {}


def _check_field(profile: Profile, use: Use, where: tuple[str, str], problems: Problems) -> None:
    """Only of a person or a home, and nothing that is sensitive or protects somebody: it is read to send by, and no more."""
    known = where[0] in ("person", "household") and where in profile.dictionary
    is_answer = use is not Use.DETAIL or (known and profile.dictionary[where].type is Type.BOOLEAN)
    if not known or not is_answer or profile.dictionary[where].field_class not in _CLASSES:
        problems.add(FILE, f"contact › {use.value}", "profiles-notices-field", field=".".join(where))


def _never_named(profile: Profile, said: dict[str, str]) -> list[str]:
    """Return what no neutral message may name: programmes, and the country's money."""
    ids = [*(each.label_id for each in profile.programmes), f"currency-{profile.currency}"]
    return [each.casefold() for each in (*map(said.get, ids), profile.currency) if each]


def _check_words(words: str, kind: Kind, part: str, language: str, never: list[str], problems: Problems) -> None:
    id, file = words_id(kind, part), f"locale/{language}.po"
    asked, allowed = placeholders(words), may_hold(kind, part)
    if asked is None:
        problems.add(file, id, "profiles-notices-unreadable", id=id)
        return
    if wrong := sorted(asked - allowed):
        problems.add(file, id, "profiles-notices-placeholder", id=id, placeholders=wrong, allowed=sorted(allowed))
    is_plain = channel_of(part) is not Channel.LETTER and part not in ASKED
    if is_plain and any(each in words.casefold() for each in never):
        problems.add(file, id, "profiles-notices-named", id=id)
    if channel_of(part) is Channel.SMS and len(words) > LONGEST_TEXT:
        problems.add(file, id, "profiles-notices-long", id=id, most=LONGEST_TEXT)


def placeholders(words: str) -> set[str] | None:
    """Return what stands in braces in a text; None where a brace is left open, or more than a name stands in one."""
    try:
        found = [(name, form, turn) for _, name, form, turn in Formatter().parse(words) if name is not None]
    except ValueError:
        return None
    return {name for name, *_ in found} if all(n.isidentifier() and not f and not t for n, f, t in found) else None
