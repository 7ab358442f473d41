"""Makes one chunk of an invented country: some thousand households with everything about them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from amparo.profiles.synth import identity, livelihood, planting
from amparo.profiles.synth.drawing import Column, Rows, choice, columns_of, draw_all, padded, text
from amparo.profiles.synth.places import Places
from amparo.profiles.synth.settings import Settings
from amparo.profiles.synth.structure import HEAD, People, people
from amparo.profiles.types import Profile

_DAYS_PER_YEAR = 365.2425
_LINES = 64  # more than any household has persons; room for a number of each


@dataclass(frozen=True)
class Country:
    """All that chunks have in common."""

    profile: Profile
    settings: Settings
    places: Places
    names: identity.Names
    last_day: date
    seed: int
    households: int


def chunk(country: Country, first: int, count: int) -> dict[str, pa.Table]:
    """Return the tables of households `first` to `first + count`: households, persons, incomes, plots, truth."""
    random = np.random.default_rng([country.seed, first])
    homes = _homes(country, first, count, random)
    crowd = people(country.settings, homes.rows.latents["welfare"], homes.is_urban, random)
    _add_size(homes.rows, crowd)
    persons = _persons(country, homes, crowd, random)
    _household_columns(country, homes, persons, crowd, random)
    keys = _keys(homes.numbers, crowd)
    made = planting.Chunk(
        households=_household_table(country, homes, random),
        persons=_person_table(country, homes, persons, crowd, keys, random),
        household_of=crowd.household,
    )
    incomes = _incomes(country, homes, persons, crowd, keys, random)
    plots = _plots(country, homes, random)
    planting.plant(made, country.settings.duplicates, country.settings.defects, random)
    truth = pa.Table.from_pylist(
        [dict(zip(planting.TRUTH.names, row, strict=True)) for row in made.truth], planting.TRUTH
    )
    return {"households": made.households, "persons": made.persons, "incomes": incomes, "plots": plots, "truth": truth}


@dataclass
class _Homes:
    """The households of a chunk: numbers counted from 1 over the whole country, area, community, day of visit."""

    rows: Rows
    numbers: NDArray[np.int64]
    area: NDArray[np.int64]
    is_urban: NDArray[np.bool_]
    community: NDArray[np.int8]
    visited: NDArray[np.int64]


def _homes(country: Country, first: int, count: int, random: np.random.Generator) -> _Homes:
    places, given = country.places, country.settings.places
    area = np.searchsorted(np.cumsum(places.shares)[:-1], random.random(count))
    together = np.sqrt(given.clustering)
    alone = np.sqrt(1 - given.clustering)
    welfare = (together * places.welfare[area] + alone * random.standard_normal(count)) * given.dispersion
    is_urban = places.is_urban[area]
    share = float((places.shares * places.is_urban).sum())
    community = (random.random(count)[:, None] >= places.communities[area][:, :-1]).sum(axis=1).astype(np.int8)
    visited = country.last_day.toordinal() - random.integers(0, country.settings.interview_days, count)
    urban = (is_urban - share) / np.sqrt(max(share * (1 - share), 1e-9))
    rows = Rows(count, {"welfare": welfare.astype(np.float32), "urban": urban.astype(np.float32)})
    return _Homes(rows, np.arange(first + 1, first + count + 1), area, is_urban, community, visited)


def _add_size(rows: Rows, crowd: People) -> None:
    rows.latents["members"] = crowd.size.astype(np.float32)
    rows.latents["size"] = ((crowd.size - 4.0) / 2.2).astype(np.float32)


def _persons(country: Country, homes: _Homes, crowd: People, random: np.random.Generator) -> Rows:
    """Draw everything about persons that is no name and no number."""
    count = len(crowd.household)
    ages = crowd.age.astype(np.int64)
    frailty = (random.normal(0, 0.8, count) + 0.9 * (crowd.age - 28) / 20) / 1.2
    latents = {name: homes.rows.latents[name][crowd.household] for name in ("welfare", "urban")}
    latents |= {"frailty": frailty.astype(np.float32), "age": ((crowd.age - 28) / 20).astype(np.float32)}
    rows = Rows(count, latents, ages=ages, is_female=crowd.is_female)
    livelihood.school(rows, random)
    livelihood.work(country.settings.work, rows, homes.is_urban[crowd.household], crowd.place == HEAD, random)
    draw_all(country.settings.person, rows, random)
    _from_structure(rows, homes, crowd, country, random)
    return rows


def _from_structure(rows: Rows, homes: _Homes, crowd: People, country: Country, random: np.random.Generator) -> None:
    """What follows from who lives here: married couples, living parents, one status for a household."""
    columns = rows.columns
    coupled, marital = crowd.spouse >= 0, columns["marital_status"]
    options = (*marital.options, "married", "living_together")
    together = np.where(homes.rows.latents["welfare"][crowd.household] + crowd.household % 7 < 1.2, 1, 0)
    values = np.where(coupled, len(marital.options) + together, marital.values).astype(np.int8)
    columns["marital_status"] = Column(values, marital.unknown & ~coupled, options)
    for name, parent in (("mother_alive", crowd.mother), ("father_alive", crowd.father)):
        drawn = columns[name]
        columns[name] = Column(drawn.values | (parent >= 0), drawn.unknown & (parent < 0))
    status, heads = columns["legal_status"], np.searchsorted(crowd.household, np.arange(homes.rows.count))
    columns["legal_status"] = Column(status.values[heads][crowd.household], status.unknown, status.options)
    languages = tuple(each.name for each in country.settings.communities)
    spoken = homes.community[crowd.household]
    columns["home_language"] = Column(spoken, random.random(rows.count) < 0.01, languages)
    estimated = random.random(rows.count) < country.settings.estimated_birth_date * (0.5 + rows.ages / 40)
    columns["birth_date_estimated"] = Column(estimated, np.zeros(rows.count, dtype=bool))


def _household_columns(
    country: Country, homes: _Homes, persons: Rows, crowd: People, random: np.random.Generator
) -> None:
    livelihood.household_money(homes.rows, persons, crowd.household, random)
    draw_all(country.settings.household, homes.rows, random)


def _keys(numbers: NDArray[np.int64], crowd: People) -> tuple[pa.Array, pa.Array]:
    """Return each person's household's key and own key."""
    lines = np.arange(len(crowd.household)) - np.searchsorted(crowd.household, crowd.household) + 1
    household = text("H", padded(numbers, 9)).take(pa.array(crowd.household))
    return household, text(household, "-", padded(lines, 2))


def _days(ordinals: NDArray[np.int64]) -> pa.Array:
    """Days counted as Python counts them, as dates."""
    return pa.array((ordinals - date(1970, 1, 1).toordinal()).astype(np.int32), pa.int32()).cast(pa.date32())


def _household_table(country: Country, homes: _Homes, random: np.random.Generator) -> pa.Table:
    found = dict(columns_of(homes.rows))
    consents = found["consent_to_share"]
    visited = _days(homes.visited)
    found |= identity.contacts(homes.rows.count, random)
    found |= {
        "household": text("H", padded(homes.numbers, 9)),
        "area": pa.array(country.places.codes).take(pa.array(homes.area)),
        "visited": visited,
        "consented_on": pc.if_else(pc.fill_null(consents, False), visited, pa.scalar(None, pa.date32())),
    }
    return pa.table(found)


def _person_table(
    country: Country, homes: _Homes, rows: Rows, crowd: People, keys: tuple[pa.Array, pa.Array], random
) -> pa.Table:
    household, person = keys
    found = dict(columns_of(rows)) | identity.named(country.names, crowd, homes.community, random)
    born = homes.visited[crowd.household] - np.floor(crowd.age * _DAYS_PER_YEAR).astype(np.int64)
    found |= {
        "household": household,
        "person": person,
        "relation_to_head": pa.array(crowd.relation),
        "sex": pa.array(["male", "female"]).take(pa.array(crowd.is_female.astype(np.int8))),
        "birth_date": _days(_estimated(born, rows)),
    }
    for name in ("mother", "father", "spouse"):
        of = getattr(crowd, name)
        found[name] = person.take(pa.array(of, mask=of < 0))
    return pa.table(found | _identifiers(country, homes, rows, crowd, random))


def _estimated(born: NDArray[np.int64], rows: Rows) -> NDArray[np.int64]:
    """An estimated birth date is the first of January of the year, as registers write it."""
    days = (born - date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    new_year = days.astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64) + date(1970, 1, 1).toordinal()
    return np.where(rows.columns["birth_date_estimated"].values & (rows.ages >= 2), new_year, born)


def _identifiers(country: Country, homes: _Homes, rows: Rows, crowd: People, random) -> dict[str, pa.Array]:
    """Citizens and residents mostly have a national number, refugees a card; some have nothing."""
    lines = np.arange(rows.count) - np.searchsorted(crowd.household, crowd.household)
    order = homes.numbers[crowd.household] * _LINES + lines
    settings, status = country.settings, rows.columns["legal_status"]
    share = np.where(rows.ages >= 18, settings.numbered_adults, settings.numbered_children)
    without = random.random(rows.count) >= share * (1 - 0.06 * (rows.latents["welfare"] < -1))
    refugee = status.among(("refugee",))
    who = {"national_id": without | status.among(("refugee", "stateless")), "refugee_id": ~refugee | without}
    return {
        scheme.scheme: identity.numbers(scheme, order, who[scheme.scheme], seed=country.seed)
        for scheme in country.profile.identifiers
        if scheme.scheme in who
    }


def _incomes(country: Country, homes: _Homes, rows: Rows, crowd: People, keys, random) -> pa.Table:
    """The diaries: for some households, what each member received in each of the last months."""
    keeps = (random.random(homes.rows.count) < country.settings.diary_share)[crowd.household]
    kinds, whose, amounts = [], [], []
    for index, name in enumerate(livelihood.INCOMES):
        column = rows.columns[name]
        these = np.flatnonzero(keeps & (column.values > 0) & ~column.unknown & (rows.ages >= 15))
        whose.append(these)
        kinds.append(np.full(len(these), index))
        amounts.append(column.values[these])
    person, kind, amount = np.concatenate(whose), np.concatenate(kinds), np.concatenate(amounts)
    months, many = country.settings.diary_months, len(person)
    order = np.lexsort((np.tile(np.arange(months), many), np.repeat(kind, months), np.repeat(person, months)))
    swing = np.exp(random.normal(0, 0.18, many * months))
    received = (np.round(np.repeat(amount, months) * swing / 5) * 5).astype(np.int64)
    first_days = pa.array([_months_before(country.last_day, each + 1) for each in range(months)])
    return pa.table(
        {
            "person": keys[1].take(pa.array(np.repeat(person, months)[order])),
            "month": first_days.take(pa.array(np.tile(np.arange(months), many)[order])),
            "kind": pa.array(list(livelihood.INCOMES.values())).take(pa.array(np.repeat(kind, months)[order])),
            "amount": pa.array(received[order]),
        }
    )


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)


def _plots(country: Country, homes: _Homes, random: np.random.Generator) -> pa.Table:
    """The land of households that use some, in one to three plots."""
    land = homes.rows.columns["land_hectares"]
    farming = np.flatnonzero((land.values > 0) & ~land.unknown)
    many = random.integers(1, country.settings.most_plots + 1, len(farming))
    owner = np.repeat(farming, many)
    line = np.arange(len(owner)) - np.repeat(np.cumsum(many) - many, many) + 1
    size = np.maximum(np.round(land.values[owner] / np.repeat(many, many), 2), 0.01)
    return pa.table(
        {
            "household": text("H", padded(homes.numbers[owner], 9)),
            "plot": pa.array(line),
            "area_hectares": pa.array(size),
            **{name: _chosen(shares, len(owner), random) for name, shares in _PLOTS.items()},
            "irrigated": pa.array(random.random(len(owner)) < 0.22),
        }
    )


_PLOTS = {
    "tenure": {"owned": 0.58, "rented": 0.14, "shared": 0.12, "communal": 0.16},
    "main_crop": {"grain": 0.44, "vegetables": 0.15, "fruit": 0.09, "cash_crop": 0.13, "pasture": 0.11, "fallow": 0.08},
}


def _chosen(shares: dict[str, float], count: int, random: np.random.Generator) -> pa.Array:
    return pa.array(list(shares)).take(pa.array(choice(tuple(shares.values()), count, random)))
