"""Tables and models as they are installed: written by `actions.install`, read with the rules that refer to them.

A version whose words changed is a new row, and the old one says until when it was believed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from amparo.kernel import clock
from amparo.programmes import models
from amparo.rules.contents import (
    SCORE,
    TABLE,
    Content,
    Contents,
    ProgrammeText,
    ProgrammeVersion,
    kept,
    restored,
)


def installed(*, using: str = "default") -> Contents:
    """Return what is installed, all days of it."""
    rows = models.ContentVersion.objects.using(using).filter(replaced_at=None).order_by("kind", "code", "starts_on")
    found: dict[tuple[str, str], Any] = {}
    for each in rows:
        content: Any = restored(each.kind, {"value": each.content})
        before = found.get((each.kind, each.code))
        found[each.kind, each.code] = (
            content if before is None else replace(before, versions=(*before.versions, *content.versions))
        )
    tables = tuple(each for (kind, _), each in found.items() if kind == TABLE)
    scoring = tuple(each for (kind, _), each in found.items() if kind == SCORE)
    return Contents(tables, scoring, _programmes(using))


def _programmes(using: str) -> tuple[ProgrammeText, ...]:
    rows = models.RuleVersion.objects.using(using).filter(replaced_at=None, programme__withdrawn_at=None)
    found: dict[tuple[str, str], list[ProgrammeVersion]] = {}
    for each in rows.select_related("programme").order_by("programme__code", "starts_on"):
        stated = (name in each.terms for name in ("ranking", "group", "freshness"))
        version = ProgrammeVersion(each.starts_on, each.law, each.rule, each.ends_on, *stated)
        found.setdefault((each.programme.code, each.programme.unit), []).append(version)
    return tuple(ProgrammeText(code, unit, tuple(versions)) for (code, unit), versions in found.items())


def install(stated: Contents, drafts: Mapping[tuple[str, str, date], Any], *, using: str) -> int:
    """Write tables and models as they are stated; return how many rows changed. `drafts`: those published on the pages."""
    wanted = {
        (kind, each.name, version.valid_from): (kept(each, version.valid_from)["value"], version.law)
        for kind in (TABLE, SCORE)
        for each in stated.of(kind).values()
        for version in each.versions
    }
    rows = models.ContentVersion.objects.using(using).filter(replaced_at=None)
    held = {(each.kind, each.code, each.starts_on): each for each in rows}
    gone = [each.id for at, each in held.items() if wanted.get(at) != (each.content, each.law)]
    rows.filter(id__in=gone).update(replaced_at=clock.now())
    added = [at for at, stated_now in wanted.items() if at not in held or held[at].id in gone]
    models.ContentVersion.objects.using(using).bulk_create(_row(at, *wanted[at], drafts.get(at)) for at in added)
    return len(gone) + len(added)


def _row(at: tuple[str, str, date], content: dict[str, Any], law: str, draft: Any) -> models.ContentVersion:
    kind, code, day = at
    return models.ContentVersion(
        kind=kind, code=code, starts_on=day, content=content, law=law, installed_at=clock.now(), draft_id=draft
    )


def figures(stated: Iterable[Any], known: Contents, day: date) -> dict[str, dict[str, Any]]:
    """Return what rules refer to as it stands on the day, to be kept with a decision: "table:heating" → content."""
    named = sorted({(each.kind, each.name) for each in stated})
    return {f"{kind}:{name}": kept(known.of(kind)[name], day) for kind, name in named}


def as_kept(figures: dict[str, Any]) -> Contents:
    """Return what `figures` wrote, as rules refer to it."""
    found: dict[str, list[Content]] = {}
    for name, figure in figures.items():
        kind, is_content, _ = name.partition(":")
        if is_content:
            found.setdefault(kind, []).append(restored(kind, figure))
    return Contents(*(tuple(found.get(kind, ())) for kind in (TABLE, SCORE, "programme")))  # type: ignore[arg-type]


def is_content(name: str) -> bool:
    """Whether a figure that was kept is a table, model or programme, and no parameter."""
    return ":" in name
