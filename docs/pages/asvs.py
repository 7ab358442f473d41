"""How the requirements of the OWASP ASVS are met, counted by chapter, and everything that is open."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "asvs.toml"
KINDS = ("tests", "documents", "deployer", "none", "open")
# Our words for the standard's chapters.
CHAPTERS = (
    "Writing texts out safely",
    "Checking what comes in",
    "The browser",
    "Requests and services",
    "Files",
    "Signing in",
    "Sessions",
    "Who may what",
    "Signed tokens",
    "Providers of identity",
    "Cryptography",
    "The network",
    "Configuration",
    "Protecting data",
    "Code and architecture",
    "Logs and faults",
    "Sound and pictures live",
)


def requirements() -> dict[str, dict[str, Any]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def page() -> str:
    """Return the page: a count for each chapter and way of being met, then what is open and what is the deployer's."""
    every = requirements()
    counts = Counter((chapter_of(id), kind_of(each)) for id, each in every.items())
    adopted = sum(each["level"] == 3 for each in every.values())
    total = Counter(kind_of(each) for each in every.values())
    lines = [
        "# The OWASP ASVS, requirement by requirement\n",
        f"All {len(every) - adopted} requirements of levels 1 and 2 of version 5.0.0, and {adopted} of level 3, stand in",
        "[a file](../asvs.toml), each with what holds us to it. A test finds each test and each place in a document that is",
        f"named. **{total['open']} are not met yet**, and stand below.\n",
        "| | by tests | by documents | the deployer's | not applicable | open |",
        "|---|---|---|---|---|---|",
        *(row(name, (counts[number, kind] for kind in KINDS)) for number, name in enumerate(CHAPTERS, 1)),
        row("**All**", (total[kind] for kind in KINDS)),
        "\n## Open\n",
        *told(every, "open"),
        "\n## The deployer's\n",
        "Written down in [before people sign in over a network](../how-to/operator.md#before-people-sign-in-over-a-network).\n",
        *told(every, "deployer"),
        "\n## Not applicable\n",
        *told(every, "none"),
    ]
    return "\n".join([*lines, ""])


def row(name: str, counts: Iterable[int]) -> str:
    return f"| {name} | {' | '.join(str(each or '') for each in counts)} |"


def told(every: dict[str, dict[str, Any]], kind: str) -> list[str]:
    said = ((id, each["about"], each[kind]) for id, each in every.items() if kind in each)
    return [f"- {id} {about}" + (f": {why}" if kind != "deployer" else "") for id, about, why in said]


def chapter_of(id: str) -> int:
    return int(id.split(".")[0])


def kind_of(requirement: dict[str, Any]) -> str:
    return next(kind for kind in KINDS if kind in requirement)
