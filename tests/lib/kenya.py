"""People of Kenya, drawn and invented, and files about them as each system writes them: the visit, the register, four MISs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

# The four counties of the Hunger Safety Net, and one that is none of them.
COUNTIES = {"KE-24": "Mandera", "KE-25": "Marsabit", "KE-43": "Turkana", "KE-46": "Wajir", "KE-18": "Kitui"}
GIVEN = ("Abdi", "Achieng", "Amina", "Ekai", "Fatuma", "Halima", "Kiprono", "Lokwang", "Mutua", "Nakiru", "Wanjiru")
FAMILY = ("Adan", "Chebet", "Ekal", "Guyo", "Hassan", "Kamau", "Lomuria", "Musyoka", "Njoroge", "Odhiambo", "Wario")


@dataclass(frozen=True)
class Home:
    """A household: its head, who has a number, and a child, who has none."""

    key: int
    number: str
    given: str
    family: str
    born: date
    county: str

    @property
    def place(self) -> str:
        return COUNTIES[self.county]


def homes(count: int, *, draw: Random, counties: Iterable[str] = COUNTIES) -> list[Home]:
    """Draw households whose heads have numbers of their own."""
    numbers, places = draw.sample(range(1_000_000, 99_999_999), count), list(counties)
    return [
        Home(key, str(number), draw.choice(GIVEN), draw.choice(FAMILY), _born(draw), draw.choice(places))
        for key, number in enumerate(numbers, 1)
    ]


def _born(draw: Random) -> date:
    return date(1945, 1, 1) + timedelta(days=draw.randrange(20_000))


def written(file: Path, heading: str, rows: Iterable[tuple], *, separator: str = ",") -> Path:
    """Write a table as its system writes it."""
    lines = [heading, *(separator.join(map(str, each)) for each in rows)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def visited(folder: Path, drawn: Iterable[Home], *, on: date) -> list[Path]:
    """Write what a visit found: a file of households and one of persons. The community ranked each of twelve."""
    drawn = list(drawn)
    dwelling = "thatch,mud,earth,pit,lamp,wood,open,false,true,2"
    households = [
        (each.key, each.county, on, each.key % 12 + 1, 12, on - timedelta(days=30), dwelling, "", "") for each in drawn
    ]
    persons = [row for each in drawn for row in _persons(each)]
    return [
        written(
            folder / "households.csv",
            "household,county,visited,rank,ranked,assembly,roof,wall,floor,toilet,lighting,fuel,water,television,mattress,"
            "cattle,address,phone",
            households,
        ),
        written(
            folder / "persons.csv",
            "person,household,given_name,family_name,sex,birth_date,relation,mother_alive,father_alive,school,"
            "chronically_ill,severe_disability,needs_full_time_care,has_pension,national_id,mother,father,caregiver",
            persons,
        ),
    ]


def _persons(home: Home) -> list[tuple]:
    head = f"{home.key}-1"
    return [
        (head, home.key, home.given, home.family, "F", home.born, "head", *_ADULT, home.number, "", "", ""),
        (f"{home.key}-2", home.key, "Baraka", home.family, "M", "2018-05-01", "grandchild", *_CHILD, "", "", "", head),
    ]


_ADULT = ("", "", "none", "false", "false", "false", "false")
_CHILD = ("false", "true", "primary", "false", "false", "false", "false")


def answered(folder: Path, drawn: Iterable[Home]) -> Path:
    """Write what the population register answers about heads of households."""
    rows = [
        (each.number, each.given, each.family, "F", each.born.strftime("%d/%m/%Y"), each.place, "A") for each in drawn
    ]
    return written(folder / "register.csv", "ID_NUMBER,FIRST_NAME,SURNAME,GENDER,DATE_OF_BIRTH,COUNTY,STATUS", rows)
