"""Where personal data is kept and where it flows, as packages, profile and code declare it."""

from collections.abc import Iterator

from amparo.kernel.exports import MAY_HOLD
from amparo.profiles.finding import find
from amparo.profiles.languages import say
from amparo.profiles.reading import read
from amparo.trust.covering import Direction
from amparo.trust.keeping.kept import Kept


def places() -> str:
    """Return the page of all places of personal data: what is there, how somebody's is found, and what erasure leaves."""
    return "\n".join([*_places(), ""])


def _places() -> Iterator[str]:
    from amparo.project.kept import KEPT

    yield "# Where personal data is kept\n"
    yield "Every protected table, every column of text, JSON or bytes in one, and every folder of the installation. A test"
    yield "fails where one is not in this list, and another puts a value of its own into each and looks for it after an"
    yield "erasure. [Erasure and retention](../explanation/erasure.md) says why each leaves what it leaves.\n"
    yield "| Place | Holds | Columns that hold it | Found by | Erasure leaves |"
    yield "|---|---|---|---|---|"
    for each in KEPT:
        columns = ", ".join(f"`{name}`" for name in each.columns)
        cells = (say(f"trust-holds-{each.holds.value}"), columns, say(f"trust-found-by-{each.found_by.value}"))
        yield f"| {_name(each)} | {' | '.join(cells)} | {say(f'trust-leaves-{each.leaves.value}')} |"


def _name(place: Kept) -> str:
    if place.is_folder:
        return f"folder `{place.place}/`"
    return f"`{place.place}…`" if place.many else f"`{place.place}`"


def flows() -> str:
    """Return the page of what comes in and goes out, drawn from the example country and the code."""
    return "\n".join([*_coming(), *_going(), ""])


def _coming() -> Iterator[str]:
    profile = read(find("example"))
    yield "# Where personal data flows\n"
    yield "Written from what the profile `example`, the agreements and the code declare. Another country's sources and"
    yield "agreements stand in its own folder; its page of agreements, and *What this installation can claim*, draw what is live.\n"
    yield "```mermaid\nflowchart LR"
    for each in profile.sources:
        yield f"  source_{each.code}([{each.code}]) --> intake"
    yield "  intake[deliveries: staged, set aside or taken in] --> observations[observations and facts]"
    yield "  officer([officer]) --> observations"
    yield "  observations --> decisions --> notices[notices, letters, replies]"
    yield "  observations --> snapshots --> decisions"
    yield "  decisions --> exports[lists for who decides]"
    for code, terms in profile.agreements:
        if terms.direction is Direction.OUT:
            yield f"  observations -->|{code}| partner_{terms.consumer}([{terms.consumer}])"
        else:
            yield f"  partner_{terms.provider}([{terms.provider}]) -->|{code}| intake"
    yield "  observations & decisions & snapshots & intake -.->|ids only| log[audit log]"
    yield "```\n"
    yield "## What comes in\n"
    yield "| Source | Kind |\n|---|---|"
    yield from (f"| `{each.code}` | {each.kind} |" for each in profile.sources)
    agreed = [(code, terms) for code, terms in profile.agreements if terms.direction is Direction.IN]
    yield from (f"| `{terms.provider}` | agreement `{code}`, until {terms.ends_on} |" for code, terms in agreed)


def _going() -> Iterator[str]:
    profile = read(find("example"))
    yield "\n## What goes out\n"
    yield "| Door | To whom | What | Held to |"
    yield "|---|---|---|---|"
    for code, terms in profile.agreements:
        if terms.direction is not Direction.OUT:
            continue
        fields = ", ".join(f"`{each.grain}.{each.name}` ({each.given.value})" for each in terms.fields)
        yield f"| agreement `{code}` | `{terms.consumer}` | {fields} | purpose `{terms.purpose}`, until {terms.ends_on} |"
    for each in profile.connections:
        fields = ", ".join(f"`{one.name}` ({one.caching.value})" for one in each.attributes)
        yield f"| question about one person | `{each.owner}` | the number in `{each.key}`; asked for: {fields} | `ask-sources`, agreement `{each.agreement}` |"
    yield "| pages | officers, by role and area | what their permission and purpose open | [who may do what](roles.md) |"
    yield "| list of decisions (CSV) | supervisors and registry managers | household number, outcome, amount | `export-decisions` |"
    yield "| letter (PDF, print) | the person a decision is about | the decision and the facts it rests on | `read-decision` |"
    for grade, classes in sorted(MAY_HOLD.items(), key=lambda each: each[0].value):
        held = ", ".join(sorted(map(str, classes)))
        yield f"| snapshot, grade {grade.value} | runs and analyses, encrypted on disk | {held} | `open-snapshot`, its day |"
    yield "| audit log, and its export | auditor and data protection officer | ids, codes and counts | `read-audit` |"
    yield "| ledger of erasures | whoever keeps the copy | ids and grounds | outside the database |"
