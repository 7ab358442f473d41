"""Makes the people of an invented country, and the files in which a census would deliver them.

Shape   files in the layout of one of the profile's mappings, and a file `truth` with what was planted
Source  `synth.toml` of the profile; nothing is measured, and nobody is real
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from amparo.intake.config import Mapping, Table, mapping
from amparo.kernel.errors import Refused
from amparo.profiles.synth import identity
from amparo.profiles.synth.chunks import Country, chunk
from amparo.profiles.synth.places import places
from amparo.profiles.synth.settings import read
from amparo.profiles.synth.writing import Files, files
from amparo.profiles.types import Profile

HOUSEHOLDS_PER_CHUNK = 20_000


@dataclass(frozen=True)
class Summary:
    """What was written: the files by table, their rows, and how many of each kind were planted."""

    files: dict[str, Path]
    rows: dict[str, int]
    planted: dict[str, int]

    @property
    def households(self) -> int:
        return self.rows.get("households", 0)

    @property
    def persons(self) -> int:
        return self.rows.get("persons", 0)


def generate(
    profile: Profile,
    *,
    households: int,
    seed: int,
    folder: Path,
    format: str = "csv",
    on: date | None = None,
    progress: Callable[[int], None] = lambda households: None,
) -> Summary:
    """Write the delivery of a census of so many households; return what was written.

    The same profile, number, seed and day give the same bytes. `on` is the last day of the census, by default the
    settings' own. `progress` is told how many households each chunk has added.
    """
    if households < 1:
        raise Refused("profiles-population-empty", households=households)
    settings = read(profile.folder)
    if settings.mapping not in profile.mappings:
        raise Refused("profiles-population-without-mapping", mapping=settings.mapping, known=list(profile.mappings))
    layout = mapping(profile.mappings[settings.mapping], profile.dictionary, settings.mapping)
    country = Country(
        profile=profile,
        settings=settings,
        places=places(profile, settings),
        names=identity.names(settings.communities),
        last_day=on or settings.on,
        seed=seed,
        households=households,
    )
    planted: Counter[str] = Counter()
    with files(folder, format) as out:
        for tables in _written(country, layout, out):
            planted.update(tables["truth"]["kind"].to_pylist())
            progress(tables["households"].num_rows)
    paths = {name: out.path(name) for name in out.rows}
    return Summary(files=paths, rows=out.rows, planted=dict(sorted(planted.items())))


def _written(country: Country, layout: Mapping, out: Files) -> Iterator[dict[str, pa.Table]]:
    """Yield each chunk once it is written; the next is made meanwhile."""
    firsts = range(0, country.households, HOUSEHOLDS_PER_CHUNK)
    with ThreadPoolExecutor(max_workers=1) as writer:
        pending = None
        for first in firsts:
            tables = chunk(country, first, min(HOUSEHOLDS_PER_CHUNK, country.households - first))
            if pending:
                yield pending.result()
            pending = writer.submit(_write, out, layout, tables)
        if pending:
            yield pending.result()


def _write(out: Files, layout: Mapping, tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    for table in layout.tables:
        if table.name in tables:
            out.write(table.name, delivered(tables[table.name], table))
    out.write("truth", tables["truth"])
    return tables


def delivered(made: pa.Table, table: Table) -> pa.Table:
    """Return a made table as the mapping expects it: its columns, and codes in the words of the source."""
    if lost := [each for each in table.columns if each not in made.column_names]:
        raise Refused("profiles-population-lacks", table=table.name, columns=lost)
    found = {each: made[each] for each in table.columns}
    for part in table.parts:
        for field in part.fields:
            if field.values and field.column is not None:
                found[field.column] = _in_the_sources_words(found[field.column], dict(field.values))
    return pa.table(found)


def _in_the_sources_words(column: pa.ChunkedArray, values: dict[str, str]) -> pa.ChunkedArray:
    written = {ours: theirs for theirs, ours in values.items()}
    words = pa.array(list(written))
    position = pc.index_in(column, value_set=words)
    return pc.coalesce(pa.array(list(written.values())).take(position.combine_chunks()), column.combine_chunks())
