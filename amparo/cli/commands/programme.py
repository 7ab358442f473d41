"""`amparo programme …`: enrolment of everybody who is potentially eligible, the steps whose day has come, other systems' files,
who met conditions, who is left out, and how local offices do."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from amparo.cli.printing import AsJson, Day, as_day, note, print_line, result, words
from amparo.cli.wiring import wiring
from amparo.kernel import clock
from amparo.kernel.money import Money
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged

Code = Annotated[str, typer.Argument(help=words("cli-programme-code"))]
Area = Annotated[str, typer.Option("--area", help=words("cli-programme-area"))]
Feed = Annotated[str, typer.Option("--feed", help=words("cli-programme-feed-code"))]
ToldOn = Annotated[datetime, typer.Option("--day", formats=["%Y-%m-%d"], help=words("cli-programme-feed-day"))]
Errors = Annotated[Path | None, typer.Option("--errors", help=words("cli-programme-feed-errors"))]


@charged(Permission.ENROL)
def enrol(context: typer.Context, code: Code, area: Area = "", on: Day = None, as_json: AsJson = False) -> None:
    """Says so where nobody was enrolled."""
    wiring(context).open()
    from amparo.programmes.actions import enrol_many
    from amparo.programmes.config import GROUND
    from amparo.programmes.publishing import BULK
    from amparo.trust.types import system

    day = as_day(on) or clock.today()
    found = enrol_many(code, by=system("enrol"), under=GROUND, on=day, area=area or None, using=BULK)
    values = {"programme": code, "units": found.units, "households": found.households, "free": found.free, "on": day}
    result(
        values, as_json=as_json, sentence="cli-programme-enrol-done" if found.units else "cli-programme-enrol-nobody"
    )


@charged(Permission.ENROL)
def steps(context: typer.Context, on: Day = None, as_json: AsJson = False) -> None:
    """Does what was noticed and confirmed, on or after its day, and ends suspensions whose day has come."""
    wiring(context).open()
    from amparo.programmes.actions import take_steps
    from amparo.trust.types import system

    day = as_day(on) or clock.today()
    done = take_steps(on=day, by=system("enrolment"))
    result({**done, "on": day}, as_json=as_json, sentence="cli-programme-steps-done")


@charged(Permission.DELIVER, Permission.FIND, Permission.WORK_CASE)
def feed(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=words("cli-programme-feed-file"))],
    feed: Feed,
    day: ToldOn,
    errors: Errors = None,
    as_json: AsJson = False,
) -> None:
    """Take in what another programme's system tells. Says so where nobody in it is known here."""
    installed = wiring(context)
    installed.open()
    from amparo.cli.feeding import take_file, write_errors
    from amparo.profiles.country import country
    from amparo.programmes.queries import rejected_of_feed

    receipt = take_file(country(installed.profile), file, feed=feed, day=day.date())
    if errors is not None:
        write_errors(errors, rejected_of_feed(receipt["delivery"]))
    shown = {key: receipt["rows"][key] for key in ("delivered", "accepted", "rejected", "unchanged")}
    shown |= {"known": _known(receipt), "unknown": receipt["beneficiaries"]["programme"]}
    sentence = _sentence(receipt)
    result(receipt, as_json=as_json, sentence=sentence, review=receipt["beneficiaries"]["review"], **shown)
    if not as_json:
        _tell(receipt)


def _known(receipt: dict[str, Any]) -> int:
    """How many are known here: by an identifier, or since a person found who they are, which older receipts do not count."""
    return sum(receipt["beneficiaries"].get(each, 0) for each in ("identifier", "decided"))


def _sentence(receipt: dict[str, Any]) -> str:
    if receipt.get("already_delivered"):
        return "cli-programme-feed-already"
    if not receipt["rows"]["accepted"]:
        return "cli-programme-feed-nothing"
    return "cli-programme-feed-done" if _known(receipt) else "cli-programme-feed-nobody"


def _tell(receipt: dict[str, Any]) -> None:
    """Control totals, and why rows were set aside."""
    for each in receipt["amounts"]:
        amount = Money(each["amount_minor"], each["currency"], each["decimals"])
        print_line(words("cli-programme-feed-total", rows=each["rows"], amount=amount))
    for answer, rows in receipt.get("answers", {}).items():
        print_line(words("cli-programme-feed-answers", rows=rows, answer=words(f"programmes-met-{answer}")))
    for state, rows in receipt.get("states", {}).items():
        print_line(words("cli-programme-feed-states", rows=rows, state=words(f"cases-state-{state}")))
    for each in receipt["reasons"]:
        what = words(f"programmes-feed-{each['reason']}")
        print_line(words("cli-programme-feed-reason", rows=each["rows"], what=what, line=str(each["line"])))


@charged(Permission.DELIVER)
def retract(
    context: typer.Context,
    delivery: Annotated[UUID, typer.Argument(help=words("cli-programme-retract-delivery"))],
    reason: Annotated[str, typer.Option(help=words("cli-programme-retract-reason"))],
    as_json: AsJson = False,
) -> None:
    """Take back what a system told; whatever else tells of the same people stays."""
    wiring(context).open()
    from amparo.programmes.actions import retract_feed
    from amparo.programmes.config import GROUND
    from amparo.trust.types import system

    gone = retract_feed(delivery, reason=reason, by=system("feed"), under=GROUND)
    result(gone, as_json=as_json, sentence="cli-programme-retract-done")


@charged(Permission.DETERMINE, Permission.WORK_CASE)
def overlaps(context: typer.Context, on: Day = None, as_json: AsJson = False) -> None:
    """Count who receives several benefits at once, by pair of programmes and how they go together. Changes nobody's status."""
    installed = wiring(context)
    installed.open()
    from amparo.profiles.country import country
    from amparo.programmes.actions import class_overlaps
    from amparo.programmes.config import GROUND
    from amparo.trust.types import system

    day = as_day(on) or clock.today()
    rules = country(installed.profile).overlaps
    found = class_overlaps(rules, by=system("overlaps"), under=GROUND, on=day)
    result(found, as_json=as_json, sentence="cli-programme-overlaps-done", **found["counts"])
    if not as_json:
        for each in found["overlaps"]:
            pair = {"first": each["first"], "second": each["second"], "households": each["households"]}
            print_line(words("cli-programme-overlaps-pair", **pair, overlap=words(f"cli-overlap-{each['overlap']}")))


@charged(Permission.DETERMINE)
def gaps(context: typer.Context, on: Day = None, as_json: AsJson = False) -> None:
    """Count who is granted a benefit and does not receive it, by programme and area. Says so where nobody is granted any."""
    wiring(context).open()
    from amparo.programmes.actions import count_gaps
    from amparo.programmes.config import GROUND
    from amparo.trust.types import system

    day = as_day(on) or clock.today()
    found = count_gaps(by=system("coverage"), under=GROUND, on=day)
    told = [{"programme": each.programme, "eligible": each.eligible, "missed": each.missed} for each in found]
    sums = {"eligible": sum(each.eligible for each in found), "missed": sum(each.missed for each in found)}
    sentence = "cli-programme-gaps-done" if sums["eligible"] else "cli-programme-gaps-nobody"
    result({"day": day, **sums, "programmes": told}, as_json=as_json, sentence=sentence)
    if not as_json and sums["eligible"]:
        for each in told:
            print_line(words("cli-programme-gaps-one", **each))


@charged(Permission.DETERMINE, Permission.OPEN_SNAPSHOT)
def excluded(context: typer.Context, on: Day = None, as_json: AsJson = False) -> None:
    """Count the households that receive nothing from any programme, by reason and area. Says so where nobody lives."""
    installed = wiring(context)
    installed.open()
    from amparo.profiles.country import country
    from amparo.programmes.actions import count_excluded
    from amparo.programmes.config import GROUND
    from amparo.trust.types import system

    profile, day = country(installed.profile), as_day(on) or clock.today()
    level = profile.exclusion_alarm
    levels = {each.code: each.exclusion_alarm for each in profile.coverage.groups if each.exclusion_alarm is not None}
    more = {"alarm_percent": level, "alarms": levels}
    found, is_alarm, groups = count_excluded(by=system("coverage"), under=GROUND, on=day, **more)
    told = {"day": day, **asdict(found), "excluded": found.excluded, "share": found.share}
    told |= {"share_near": found.share_near, "share_unknown": found.share_unknown}
    told |= {"alarm_percent": level, "is_alarm": is_alarm}
    told |= {"groups": [_group_told(each, levels) for each in groups]}
    del told["area_number"]
    sentence = "cli-programme-excluded-done" if found.households else "cli-programme-excluded-nobody"
    result(told, as_json=as_json, sentence=sentence)
    if is_alarm:
        note("cli-programme-excluded-alarm", level=level)
    for each in told["groups"]:
        if each["is_alarm"]:
            note("cli-programme-excluded-group", level=each["alarm_percent"], group=_group_words(each["group"]))


@charged(Permission.DETERMINE, Permission.OPEN_SNAPSHOT, Permission.WORK_CASE)
def follow(context: typer.Context, on: Day = None, as_json: AsJson = False) -> None:
    """Follow the conditions of every period that is due. Says so where none is, and how many are not known."""
    wiring(context).open()
    from amparo.programmes.actions import follow_conditions
    from amparo.programmes.config import GROUND
    from amparo.trust.types import system

    day = as_day(on) or clock.today()
    found = follow_conditions(by=system("conditions"), under=GROUND, on=day)
    told = [{**asdict(each), "unknown": each.unknown} for each in found]
    sums = {name: sum(each[name] for each in told) for name in ("watched", "unknown", "missed", "found", "taken_back")}
    sentence = "cli-programme-follow-done" if sums["watched"] else "cli-programme-follow-nobody"
    result({"day": day, **sums, "conditions": told}, as_json=as_json, sentence=sentence)
    if not as_json:
        for each in told:
            period = each["period"].isoformat()[:7]
            print_line(words("cli-programme-follow-one", **{**each, "period": period}))


@charged(Permission.DETERMINE, Permission.OPEN_SNAPSHOT)
def performance(context: typer.Context, on: Day = None, as_json: AsJson = False) -> None:
    """Measure how local offices do, for the month of a day. Says of how many areas an index is not known."""
    wiring(context).open()
    from amparo.programmes.actions import measure
    from amparo.programmes.config import GROUND
    from amparo.trust.types import system

    day = as_day(on) or clock.today()
    found = measure(by=system("performance"), under=GROUND, on=day)
    told = [{"index": each.index, "areas": each.areas, "unknown": each.unknown} for each in found]
    month = day.isoformat()[:7]
    sentence = "cli-programme-performance-done"
    result({"day": day, "month": month, "indices": told}, as_json=as_json, sentence=sentence, count=len(told))
    if not as_json:
        for each in told:
            print_line(words("cli-programme-performance-one", **each))


def _group_told(each: Any, levels: dict[str, int]) -> dict[str, Any]:
    level = levels.get(each.life_group)
    counts = {name: getattr(each, name) for name in ("persons", "excluded", "near", "unknown", "beyond", "share")}
    is_alarm = level is not None and (each.share or 0) * 100 > level
    return {"group": each.life_group, **counts, "alarm_percent": level, "is_alarm": is_alarm}


def _group_words(code: str) -> Any:
    return words(f"cli-life-group-{code}" if code in ("other", "unknown") else f"life-group-{code}")


@charged(Permission.DETERMINE, Permission.OPEN_SNAPSHOT)
def coverage(context: typer.Context, on: Day = None, as_json: AsJson = False) -> None:
    """Count, by life-cycle group and area, whom assistance, insurance or both reaches. Says so where nobody lives."""
    installed = wiring(context)
    installed.open()
    from amparo.profiles.country import country
    from amparo.programmes.actions import count_covered
    from amparo.programmes.config import GROUND
    from amparo.trust.types import system

    day, insured = as_day(on) or clock.today(), country(installed.profile).insurance
    found = count_covered(by=system("coverage"), under=GROUND, on=day, insured=insured)
    told = [{"group": each.life_group, **_reach_told(each)} for each in found]
    sums = {name: sum(each[name] for each in told) for name in ("persons", "covered")}
    sentence = "cli-programme-coverage-done" if sums["persons"] else "cli-programme-coverage-nobody"
    result({"day": day, **sums, "groups": told}, as_json=as_json, sentence=sentence)
    if not as_json:
        for each in told:
            shown = {name: each[name] for name in ("persons", "covered", "covered_directly")}
            print_line(words("cli-programme-coverage-one", **shown, group=_group_words(each["group"])))


def _reach_told(each: Any) -> dict[str, Any]:
    kinds = ("assistance", "insurance", "both", "none")
    reached, direct = ({name: getattr(of, name) for name in kinds} for of in (each.reached, each.direct))
    counts = {"persons": each.reached.persons, "covered": each.reached.covered, "covered_directly": each.direct.covered}
    return {**counts, "reached": reached, "direct": direct}
