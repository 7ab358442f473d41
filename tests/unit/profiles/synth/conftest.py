"""A small invented population, made once."""

import duckdb
import pytest

from amparo.profiles.finding import find
from amparo.profiles.reading import read
from amparo.profiles.synth import generate
from amparo.profiles.synth.settings import read as read_settings

HOUSEHOLDS = 12_000


@pytest.fixture(scope="session")
def settings():
    return read_settings(find("example"))


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """What was written of 12,000 households."""
    folder = tmp_path_factory.mktemp("velmora")
    return generate(read(find("example")), households=HOUSEHOLDS, seed=7, folder=folder, format="parquet")


@pytest.fixture(scope="session")
def ask(made):
    """Ask the population in SQL; a row with one value is that value.

    `clean` holds the persons of households in which nothing was planted.
    """
    connection = duckdb.connect()
    for name, file in made.files.items():
        connection.execute(f"CREATE TABLE {name} AS FROM '{file}'")
    connection.execute(
        "CREATE TABLE touched AS SELECT household FROM truth UNION SELECT other_household FROM truth"
        " WHERE other_household IS NOT NULL UNION SELECT persons.household FROM truth JOIN persons USING (person)"
    )
    connection.execute(
        "CREATE TABLE clean AS SELECT persons.*, visited, area,"
        " date_diff('day', birth_date, visited) / 365.2425 AS age"
        " FROM persons JOIN households USING (household) WHERE household NOT IN (FROM touched)"
    )

    def asked(query: str):
        rows = connection.sql(query).fetchall()
        return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows

    return asked
