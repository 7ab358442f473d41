"""Whether the holder of an account is the person it is said to be of. No database and no clock.

Shape   two names in, whether they are one's out
Nulls   a name that is not known matches none
"""

import re
import unicodedata

_LEAST = 2  # words that must agree, so that a common first name alone is nobody's


def is_same_name(holder: str, person: str) -> bool:
    """Whether all words of the shorter name stand in the longer, in any order and however accents are written."""
    one, other = _words(holder), _words(person)
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= min(_LEAST, len(longer)) > 0 and shorter <= longer


def _words(name: str) -> set[str]:
    bare = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    return set(re.findall(r"\w+", bare.casefold()))
