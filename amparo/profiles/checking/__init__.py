"""Says everything that is wrong with a profile before it is installed.

Reading finds what is wrong with one entry; here each part is held against the others: what names nothing, what nobody
uses, what has no words, which worked case does not come out.
"""

from pathlib import Path

from amparo.profiles.checking import (
    agreements,
    areas,
    cases,
    connections,
    coverage,
    dictionary,
    feeds,
    languages,
    lists,
    mappings,
    notices,
    overlaps,
    payments,
    performance,
    population,
    programmes,
    purposes,
    stated,
    transitions,
)
from amparo.profiles.checking.uses import with_every_vocabulary
from amparo.profiles.places import Problems
from amparo.profiles.reading import read_leniently
from amparo.profiles.types import Problem


def check(folder: Path) -> tuple[Problem, ...]:
    """Return every problem of a profile's folder, by file; none where it may be installed."""
    problems = Problems()
    profile = read_leniently(folder, problems)
    # Whatever rests on a file that cannot be read would be said to be missing.
    is_legible = all(each.message.id != "profiles-file-unreadable" for each in problems.found)
    if profile is not None and is_legible:
        dictionary.check(profile, problems)
        rest = with_every_vocabulary(profile)
        for part in (
            *(
                areas,
                stated,
                programmes,
                performance,
                payments,
                feeds,
                overlaps,
                transitions,
                coverage,
                connections,
                notices,
                mappings,
                lists,
                purposes,
                agreements,
                languages,
                cases,
                population,
            ),
        ):
            part.check(rest, problems)
    return tuple(sorted(problems.found, key=lambda each: each.file))
