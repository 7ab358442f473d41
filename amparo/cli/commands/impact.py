"""`amparo dpia draft` and `amparo live`: what the impact assessment states, and taking the installation live with it."""

from dataclasses import asdict
from typing import Any

import typer

from amparo.cli.printing import AsJson, note, result
from amparo.cli.wiring import wiring
from amparo.trust.types import Permission
from amparo.trust.types.charged import charged


@charged(Permission.READ_IMPACT, Permission.READ_AGREEMENT)
def draft(context: typer.Context, as_json: AsJson = False) -> None:
    """`--json` prints all that is stated; without it, whether it is signed off, what is open, and what differs."""
    wiring(context).open()
    from amparo.profiles import impact as assessed
    from amparo.trust import impact, stage

    content = _stated(context)
    digest, signed = assessed.digest(content), impact.latest_signed()
    changed = assessed.differences(signed.content, content) if signed else []
    values = {
        "digest": digest,
        "is_signed": impact.holds(digest),
        "is_live": stage.is_live(),
        "open": assessed.unanswered(content),
        "changed": [asdict(each) for each in changed],
        "content": content,
    }
    shown = {"open": len(values["open"]), "changed": len(changed)}
    sentence = "cli-dpia-draft-signed" if values["is_signed"] else "cli-dpia-draft-unsigned"
    result(values, as_json=as_json, sentence=sentence, **shown)
    if not as_json:
        for each in changed:
            note("cli-dpia-changed", section=each.section, key=each.key)


@charged(Permission.GO_LIVE, Permission.READ_IMPACT, Permission.READ_AGREEMENT)
def live(context: typer.Context, as_json: AsJson = False) -> None:
    wiring(context).open()
    from amparo.profiles.impact import digest
    from amparo.trust.actions import assessing
    from amparo.trust.context import acting
    from amparo.trust.types import system

    stated = digest(_stated(context))
    with acting(system("live").narrowed(Permission.GO_LIVE)) as by:
        assessing.go_live(digest=stated, by=by)
    result({"digest": stated}, as_json=as_json, sentence="cli-live-done")


def _stated(context: typer.Context) -> dict[str, Any]:
    from amparo.profiles.country import country
    from amparo.profiles.impact import draft
    from amparo.registry.queries import dictionary
    from amparo.trust.types import system

    return draft(country(wiring(context).profile), dictionary(), by=system("dpia"))
