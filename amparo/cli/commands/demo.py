"""`amparo demo`: an invented country, imported and decided, and its pages served."""

import os
import shutil
import time
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Annotated, Any

import typer

from amparo.cli.printing import AsJson, note, progress, result, words
from amparo.cli.wiring import wiring
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, Refused
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

MAPPING = "census"
CENSUS_ENDED = timedelta(days=14)
Households = Annotated[int, typer.Option(help=words("cli-synth-households"), min=1, max=1_000_000)]
Seed = Annotated[int, typer.Option(help=words("cli-synth-seed"))]
Serve = Annotated[bool, typer.Option("--serve/--no-serve", help=words("cli-demo-serve"))]
Port = Annotated[int | None, typer.Option(help=words("cli-serve-port"), min=1, max=65535)]


@charged(
    Permission.OPEN_ACCOUNTS,
    Permission.DELIVER,
    Permission.DETERMINE,
    Permission.TAKE_SNAPSHOT,
    Permission.OPEN_SNAPSHOT,
    Permission.GIVE_NOTICE,
    Permission.INVITE_CITIZEN,
    Permission.READ_FIGURES,
)
def demo(
    context: typer.Context,
    households: Households = 10_000,
    seed: Seed = 1,
    serve: Serve = True,
    port: Port = None,
    as_json: AsJson = False,
) -> None:
    installed = wiring(context)
    start = time.monotonic()
    is_first = not installed.is_demo
    installed.mark_demo()
    note("cli-demo-preparing")
    installed.open()
    if is_first:
        refuse_unless_empty(installed)
    password = open_cast(installed.data_dir, installed.profile)
    values = load(installed, households=households, seed=seed)
    let_dalia_in(password)
    values["seconds"] = round(time.monotonic() - start, 1)
    usernames = sorted([*CAST, DALIA])
    values["sign_in"] = {"usernames": usernames, "password": password}
    if not serve:
        result(values, as_json=as_json, sentence="cli-demo-done")
        return

    def ready(address: str) -> None:
        shown = {"address": address, "usernames": usernames, "password": password}
        result(values | {"address": address}, as_json=as_json, sentence="cli-demo-ready", **shown)

    installed.serve(host="127.0.0.1", port=port, ready=ready)
    note("cli-serve-stopped")


def refuse_unless_empty(installed: Any) -> None:
    """The demo's accounts open what they are given: never beside people who are real."""
    from amparo.registry.queries import household_count
    from amparo.trust.types import system

    households, persons = household_count(system("demo"), using="bulk")
    if households or persons:
        installed.unmark_demo()
        raise Refused("cli-demo-not-empty", data_dir=str(installed.data_dir))


# Amina works in the first region of the country and Chen in the last; Bruno watches over all regions. Farah writes rules
# and Goran publishes them; Hana opens accounts. Lina drafts agreements, and Jamal and Keiko take their signatures down.
# Ines connects sources, and Iris tries each and lets it go live.
# Nadia protects people in danger where Amina works, and Omid runs the country's first programme. Vera hears appeals. Paz prepares
# payments and Quinn approves them. Ursa writes and Wim publishes the rules of the first area with a programme of its own.
CAST = {
    "amina": ("officer", "first"),
    "bruno": ("supervisor", "whole"),
    "chen": ("officer", "last"),
    "emre": ("auditor", None),
    "farah": ("author", None),
    "goran": ("publisher", None),
    "hana": ("administrator", None),
    "lina": ("data-protection-officer", None),
    "jamal": ("data-protection-officer", None),
    "keiko": ("data-protection-officer", None),
    "ines": ("registry-manager", None),
    "iris": ("registry-manager", None),
    "nadia": ("protection-officer", "first"),
    "omid": ("programme-manager", None),
    "vera": ("appeals-officer", "whole"),
    "paz": ("payments-officer", None),
    "quinn": ("payments-approver", None),
    "ursa": ("municipal-author", "local"),
    "wim": ("municipal-publisher", "local"),
}


def open_cast(data_dir: Path, profile: str) -> str:
    """Open the demo's accounts that it lacks, all with one password made here the first time, and return it."""
    kept = data_dir / "keys" / "demo-password"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text("-".join(os.urandom(2).hex() for _ in range(4)))
    password, places = kept.read_text(), places_of_work()
    for name, (role, place) in CAST.items():
        if not is_opened(name):
            open_officer(name, password, role, area_code=places[place] if place else None)
    return password


def open_officer(name: str, password: str, role: str, *, area_code: str | None) -> None:
    """Open one account of the demo with its role; that of a programme is of the country's first."""
    from amparo.programmes.queries import programme_codes
    from amparo.trust import actions
    from amparo.trust.types import SCOPE_KIND, Role, ScopeKind, system

    by, held = system("demo"), Role(role)
    where = {"programme": programme_codes()[0]} if SCOPE_KIND[held] is ScopeKind.PROGRAMME else {"area_code": area_code}
    # The words, not their text: whoever reads a page in another language meets the name in theirs.
    account = actions.open_account(name, password, display_name=f"cli-demo-{name}", by=by, is_demo=True)
    actions.grant_role(account.id, held, by=by, on=clock.today(), **where)


def is_opened(name: str) -> bool:
    from amparo.trust.queries import account_named

    with suppress(NotFound):
        return bool(account_named(name))
    return False


# The citizen of the cast: a mother of the first region, with a child whose record she may see too.
DALIA = "dalia"
LOOKED_THROUGH = 200


def let_dalia_in(password: str) -> None:
    """Open Dalia's account as anybody's is opened, once: invited at the office, with the birth date beside the code."""
    from amparo.registry.queries import answers_of
    from amparo.trust.actions.inviting import Proof, accept_with_password, invite
    from amparo.trust.context import acting
    from amparo.trust.identity.invitations import slip
    from amparo.trust.types import OWN_RIGHT, Permission, system

    if is_opened(DALIA):
        return
    with acting(system("demo").narrowed(Permission.INVITE_CITIZEN)) as by:
        person = a_mother(by)
        if person is None:
            return
        details = answers_of(person, by=by)
        code = invite(person, details=details, proof=Proof("identity-card"), by=by, under=OWN_RIGHT)
    given = slip(code, details[0])
    accept_with_password(given, DALIA, password, by=system("demo"), display_name=f"cli-demo-{DALIA}", is_demo=True)


def a_mother(by: Any) -> Any:
    """Return the first woman of the first region who heads a household with a child in it; None where there is none."""
    from amparo.kernel.dates import age_on
    from amparo.registry import finding, queries
    from amparo.trust.queries import area
    from amparo.trust.types import OWN_RIGHT

    first, words = area(places_of_work()["first"]), queries.dictionary()
    sex, born, relation = (words.with_role("person", each) for each in ("sex", "birth_date", "relation_to_head"))
    if not (sex and born and relation):
        return None
    found = finding.households_in(first.number, first.last_number, by=by, under=OWN_RIGHT, at_most=LOOKED_THROUGH)
    for each in found:
        head, *others = queries.household(each.household_id, by=by, under=OWN_RIGHT).members or [None]
        told = [{name: fact.value for name, fact in one.facts.items()} for one in (head, *others) if one]
        children = [one for one in told[1:] if one.get(relation.name) == "child" and one.get(born.name)]
        if (
            told
            and told[0].get(sex.name) == "female"
            and any(age_on(one[born.name], clock.today()) < 18 for one in children)
        ):
            return head.id
    return None


def places_of_work() -> dict[str, str]:
    from amparo.programmes.queries import programme_codes, terms_of
    from amparo.trust.queries import areas_below, root_areas

    (root,) = root_areas()[:1]
    regions = list(areas_below(root)) or [root]
    first = regions[0].code
    local = next((area for each in programme_codes() if (area := terms_of(each).area)), first)
    return {"first": first, "last": regions[-1].code, "whole": root.code, "local": local}


def load(installed: Any, *, households: int, seed: int) -> dict[str, Any]:
    """Import the delivery of a census, take a snapshot and decide; twice over adds nothing."""
    from amparo.cli.deciding import decide
    from amparo.cli.importing import import_files
    from amparo.profiles.country import country
    from amparo.registry.queries import household_count
    from amparo.trust.types import system

    profile = country(installed.profile)
    files = delivery(installed.data_dir / "synth" / f"{households}-{seed}", profile, households=households, seed=seed)
    receipt = import_files(profile, files, mapping=MAPPING)
    counts = decide(on=clock.today()).total
    found_households, persons = household_count(system("demo"), using="bulk")
    return {
        "households": found_households,
        "persons": persons,
        "decisions": counts.decisions,
        "true": counts.true,
        "false": counts.false,
        "unknown": counts.unknown,
        "changed": counts.changed,
        "quarantined": receipt["rows"]["quarantined"],
        "already_delivered": receipt["already_delivered"],
    }


def delivery(folder: Path, profile: Any, *, households: int, seed: int) -> list[Path]:
    """Return the files of the census, made once: it ended a fortnight before the first demo, so that it is fresh."""
    from amparo.profiles.synth import generate

    if not folder.exists():
        half = folder.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        with progress("cli-synth-progress") as tell:
            done = count()
            generate(
                profile,
                households=households,
                seed=seed,
                folder=half,
                on=clock.today() - CENSUS_ENDED,
                progress=lambda more: tell(next(done) * more, households),
            )
        half.rename(folder)
    return sorted(each for each in folder.iterdir() if each.stem != "truth")
