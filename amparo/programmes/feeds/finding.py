"""Who is meant by a programme's beneficiaries: whoever holds their identifier, and nobody else.

Shape   the table `sound` in; the table `came` out: one row per beneficiary, with the person found
Nulls   a birth date that is not known on either side contradicts nothing; a beneficiary without an identifier is nobody's
Errors  none: whoever is not found stays known to the programme, or is left to a person to look for
Source  requirements IBR-1, ID-4: nobody is dropped, and an identifier that two people claim finds neither of them

A name, birth date and area together are enough to look for somebody and too little to be sure: whom they may mean is proposed
(`feeds.proposing`), and a person decides.
"""

from pathlib import Path

import duckdb

from amparo.kernel.copying import rows
from amparo.programmes.feeds.reading import text
from amparo.programmes.types import Found
from amparo.registry.batch import Asked, look_up
from amparo.registry.queries import dictionary

_CSV = "header = false, nullstr = '', all_varchar = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"'"
_COLUMNS = ", ".join(f"'column{n}': 'VARCHAR'" for n in range(8))
# What the file's last line about somebody says of them.
_CAME = """
CREATE TABLE met AS
SELECT who, arg_max(coalesce(said_reference, ''), line) AS reference, arg_max(number, line) AS number,
    arg_max(said_identifier_scheme, line) FILTER (number IS NOT NULL) AS scheme, arg_max(blind, line) AS blind,
    arg_max(said_given_name, line) AS given_name, arg_max(said_family_name, line) AS family_name,
    arg_max(birth_date, line) AS birth_date, arg_max(said_area, line) AS area
FROM sound GROUP BY who
"""
_FOUND = f"""
CREATE TABLE came AS
SELECT m.*, CASE WHEN {{is_theirs}} THEN h.person_id END AS person_id, h.person_id AS holder, CASE
    WHEN {{is_theirs}} THEN '{Found.IDENTIFIER.value}'
    WHEN h.person_id IS NOT NULL OR coalesce(given_name, family_name) IS NOT NULL AND birth_date IS NOT NULL AND area IS NOT NULL
        THEN '{Found.REVIEW.value}'
    ELSE '{Found.PROGRAMME.value}' END AS found
FROM met m LEFT JOIN held h ON h.scheme = m.scheme AND h.blind = m.blind
"""
_IS_THEIRS = "(h.person_id IS NOT NULL AND coalesce(m.birth_date = h.birth, true))"


def find(db: duckdb.DuckDBPyConnection, folder: Path, *, blinding: int) -> None:
    """Make `came`. `folder` is private: what the registry answers lies there for a moment.

    Errors  Refused where another master key has taken the place of `blinding`
    """
    db.execute(_CAME)
    born = dictionary(using="bulk").with_role("person", "birth_date")
    into = folder / "held.csv"
    wanted = "SELECT DISTINCT scheme, unhex(blind) AS blind_index FROM met WHERE blind IS NOT NULL"
    asked = rows(db.cursor(), wanted, Asked.IDENTIFIERS.columns)
    named = born.name if born else None
    look_up(Asked.IDENTIFIERS, asked, into, source_id=0, grain="person", birth=named, blinding=blinding)
    db.execute(f"""
        CREATE TABLE held AS SELECT column0 AS scheme, column1 AS blind, column2::UUID AS person_id, column3::DATE AS birth
        FROM read_csv({text(into)}, {_CSV}, columns = {{{_COLUMNS}}})
    """)
    into.unlink()
    db.execute(_FOUND.format(is_theirs=_IS_THEIRS))
