"""The draft of a data protection impact assessment: what this installation keeps of people, why, who reads it, and what may go wrong.

Shape   sections of entries: section → key → what is stated, codes and numbers alone; `differences` compares two of them
Nulls   an entry that is absent is not done; an empty section says so. A question nobody has answered is "", and keeps the
        draft from being signed
Source  the parts that Regulation (EU) 2016/679, article 35(7), asks of an assessment: description, need and proportion, risks,
        measures. Most countries' law asks the same
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from amparo.profiles.types import Profile
from amparo.registry.dictionary import Dictionary
from amparo.trust.grounds.agreements import agreements_stated
from amparo.trust.impact import answers
from amparo.trust.types import APART, IMPERSONAL, PERMISSIONS, POWERFUL, QUESTIONS, READS, SCOPE_KIND, SEES, Actor, Role

RETENTION = "retention.toml"

# What may go wrong for people, and what in the product stands against it (words under `web-impact-risk-<name>` and
# `web-impact-control-<name>`). Fixed: a country adds its own under the question of what remains.
RISKS: dict[str, tuple[str, ...]] = {
    "curious-officer": ("two-gates", "purpose", "audit", "alerts", "budget"),
    "stolen-account": ("second-factor", "sessions", "guesses"),
    "administrator": ("apart", "four-eyes", "sealed-log", "field-encryption"),
    "partner": ("agreements", "pseudonyms", "volume", "suspend"),
    "wrong-exclusion": ("unknown", "notice", "reply", "review"),
    "machine-decision": ("explanation", "review", "recomputing"),
    "people-in-danger": ("protection-class", "grades-of-snapshots"),
    "list-published": ("export-permission", "alerts", "no-export-of-names"),
    "theft-of-the-database": ("field-encryption", "encrypted-snapshots", "keys-apart"),
    "hidden-use": ("sealed-log", "custodian", "witness"),
    "stale-facts": ("age-of-facts", "unknown"),
    "unfree-consent": ("consent-receipts", "statute-apart", "withdrawal"),
}

Content = dict[str, dict[str, Any]]


def draft(profile: Profile, words: Dictionary, *, by: Actor) -> Content:
    """Return what the assessment states today, of the installed profile, the agreements that have not ended, and the answers."""
    return {
        "purposes": {each.code: each.legal_basis for each in profile.purposes},
        "fields": _fields(words),
        "sources": {each.code: each.kind for each in profile.sources},
        "agreements": agreements_stated(by=by),
        "access": _access(),
        "decisions": _decisions(profile),
        "retention": _retention(profile),
        "risks": {name: list(controls) for name, controls in RISKS.items()},
        "answers": {each: answers().get(each, "") for each in QUESTIONS},
    }


def _fields(words: Dictionary) -> dict[str, Any]:
    """Areas are nobody's record."""
    return {
        f"{each.grain}.{each.name}": {
            "class": each.field_class.value,
            "purpose": each.purpose,
            "used_by": sorted(each.used_by),
            "valid_days": each.valid_days,
        }
        for each in words.fields
        if each.grain != "area"
    }


def _access() -> dict[str, Any]:
    """What each role may open, and of that which classes of fields and which states of records it is shown."""
    return {
        role.value: {
            "reach": SCOPE_KIND[role].value,
            "opens": sorted(each.value for each in PERMISSIONS[role] - IMPERSONAL),
            "classes": sorted(each.value for each in READS.get(role, ())),
            "standings": sorted(each.value for each in SEES.get(role, ())),
            "apart": sorted(each.value for each in APART.get(role, ())),
            "by_two": role in POWERFUL,
        }
        for role in Role
    }


def _decisions(profile: Profile) -> dict[str, Any]:
    return {
        each.code: {
            "unit": each.unit.value,
            "approval": each.procedure.needs_approval,
            "review": each.procedure.needs_review,
            "notice_days": each.procedure.notice_days,
            "appeal_days": each.procedure.appeal_days,
            "ranks": any(version.ranking for version in each.versions),
        }
        for each in profile.programmes
    }


def _retention(profile: Profile) -> dict[str, Any]:
    """Return what the profile states of how long anything is kept, by its place in the file; nothing where it has no such file."""
    file = profile.folder / RETENTION
    return dict(_flat("", tomllib.loads(file.read_text()))) if file.is_file() else {}


def _flat(place: str, told: Any) -> list[tuple[str, Any]]:
    if isinstance(told, Mapping):
        return [pair for key, inner in told.items() for pair in _flat(f"{place}.{key}".lstrip("."), inner)]
    if isinstance(told, list) and any(isinstance(each, Mapping) for each in told):
        return [pair for number, inner in enumerate(told, 1) for pair in _flat(f"{place}.{number}", inner)]
    return [(place, told if isinstance(told, str | int | float | bool) else str(told))]


def digest(content: Content) -> str:
    """Return a hash that changes with anything the assessment states."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Difference:
    """What one entry said and says; None where it was, or is, not there."""

    section: str
    key: str
    before: Any
    after: Any


def differences(before: Content, after: Content) -> list[Difference]:
    """Return every entry that differs, in the order of sections."""
    return [
        Difference(section, key, old.get(key), new.get(key))
        for section in dict.fromkeys([*after, *before])
        for old, new in [(before.get(section, {}), after.get(section, {}))]
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]


def unanswered(content: Content) -> list[str]:
    return [question for question, words in content["answers"].items() if not words]
