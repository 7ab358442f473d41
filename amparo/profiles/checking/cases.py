"""Works every worked case again, and says which does not come out as written."""

from amparo.kernel.errors import Refused
from amparo.kernel.messages import Message
from amparo.kernel.money import Money
from amparo.profiles.cases import Result, run
from amparo.profiles.places import Problems
from amparo.profiles.types import Profile
from amparo.rules.model.rule import RuleRefused


def check(profile: Profile, problems: Problems) -> None:
    faulty = {each.file for each in problems.found}
    for case in profile.cases:
        if f"programmes/{case.programme}.toml" in faulty:
            continue  # what is wrong there is said once, and not again for every case
        try:
            results = list(run(profile, case))
        except RuleRefused:
            continue  # `checking.programmes` says so, once
        except Refused as refusal:
            problems.add_refusal(case.file, case.name, refusal)
            continue
        for result in results:
            if not result.holds:
                problems.add(case.file, case.name, "profiles-case-fails", **_said(result, profile))
            if not result.is_ranked_as_said:
                keys = {"expected": list(result.expected.keys), "found": list(result.keys)}
                problems.add(case.file, case.name, "profiles-case-ranked-otherwise", **keys)


def _said(result: Result, profile: Profile) -> dict:
    """What was expected and what came out, in typed values."""
    wanted, found = result.expected, result.decided
    return {
        "expected": _outcome(wanted.outcome),
        "expected_amount": _amount(wanted.amount, profile),
        "expected_missing": sorted(wanted.missing),
        "found": _outcome(found.outcome),
        "found_amount": _amount(found.amount, profile),
        "found_missing": list(found.missing),
    }


def _outcome(outcome: bool | None) -> Message:
    word = {True: "true", False: "false", None: "unknown"}[outcome]
    return Message(f"profiles-outcome-{word}")


def _amount(minor: int | None, profile: Profile) -> Money | None:
    return None if minor is None else Money(minor, profile.currency, profile.decimals)
