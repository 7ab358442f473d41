"""The example country with a programme that one of its regions decides by itself, and a figure that is the region's own."""

import shutil
from pathlib import Path

from amparo.profiles.finding import SHIPPED

AREA = "VM01"
_PROGRAMME = """
code = "bread_help"
unit = "household"

[[version]]
from = 2026-01-01
law = "law-bread-decree"
rule = "household.size >= 1 && household.income_per_month <= param.bread_line"
amount = "param.bread_amount"

[enrolment]
area = "VM01"
"""
_FIGURES = """
[bread_line]
type = "money"
unit = "money/month"
law = "law-bread-decree"
area = "VM01"

[[bread_line.value]]
from = 2026-01-01
value = "900.00"

[bread_amount]
type = "money"
unit = "money/month"
law = "law-bread-decree"
area = "VM01"

[[bread_amount.value]]
from = 2026-01-01
value = "40.00"
"""
_WORDS = {
    "programme-bread_help": "Bread help",
    "programme-bread_help-about": "Bread for homes with little, of the region of Selurhel.",
    "parameter-bread_line": "Most income for bread help",
    "parameter-bread_amount": "Bread help a month",
    "law-bread-decree": "Decree 4 of the region of Selurhel",
}


def copied(folder: Path) -> Path:
    """Copy the example country, and put the region's programme and figures in; return the folder."""
    country = folder / "velmora"
    shutil.copytree(SHIPPED / "example", country)
    (country / "programmes" / "bread_help.toml").write_text(_PROGRAMME)
    for file, more in (("parameters.toml", _FIGURES), *((f"locale/{each}.po", _po()) for each in ("en", "ar"))):
        with (country / file).open("a") as opened:
            opened.write(more)
    return country


def _po() -> str:
    return "".join(f'\nmsgid "{id}"\nmsgstr "{words}"\n' for id, words in _WORDS.items())
