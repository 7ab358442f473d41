"""The import of a delivery, with a bar: what several commands do."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amparo.cli.files import expect_file
from amparo.cli.printing import progress
from amparo.kernel.errors import Refused

if TYPE_CHECKING:
    from amparo.profiles.types import Profile


def import_files(
    profile: "Profile",
    files: Sequence[Path],
    *,
    mapping: str,
    source: str | None = None,
    observed_on: date | None = None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Receive files and work on them to the end; return the receipt. Run again after a stop, it goes on from there."""
    from amparo.intake import actions
    from amparo.trust.types import system

    if mapping not in profile.mappings:
        raise Refused("cli-import-mapping-unknown", mapping=mapping, known=sorted(profile.mappings))
    for each in files:
        expect_file(each)
    by = system("import")
    paths = {each.name: each for each in files}
    asked = {"name": mapping, "source": source, "observed_on": observed_on, "by": by}
    with progress("cli-import-progress") as shown:

        def tell(phase: str, rows: int) -> None:
            shown(rows, None)

        if dry_run:
            return actions.preview(paths, profile.mappings[mapping], **asked, tell=tell)
        received = actions.receive(paths, profile.mappings[mapping], **asked, using="bulk")
        receipt = actions.run(received.batch_id, by=by, tell=tell)
        return receipt | {"already_delivered": not received.is_new}


def only_mapping(profile: "Profile") -> str:
    """Return the profile's mapping where it has just one. Raises Refused where one must be named."""
    if len(profile.mappings) != 1:
        raise Refused("cli-import-mapping-unknown", mapping="", known=sorted(profile.mappings))
    return next(iter(profile.mappings))
