"""A programme system's file on its way in: read by a child process within limits, then handed over."""

import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amparo.cli.files import expect_file, written_to
from amparo.kernel import spreadsheets
from amparo.kernel.errors import Refused

if TYPE_CHECKING:
    from amparo.profiles.types import Profile
    from amparo.programmes.feeds.mapping import FeedConfig
    from amparo.programmes.types import Delivered


def take_file(profile: "Profile", file: Path, *, feed: str, day: date) -> dict[str, Any]:
    """Take in the file that a system tells as of a day; return its receipt."""
    from django.conf import settings

    from amparo.programmes.actions import IN_WORK, take_feed
    from amparo.programmes.config import GROUND
    from amparo.trust.types import system

    known = {each.code: each for each in profile.feeds}
    if feed not in known:
        raise Refused("cli-feed-unknown", feed=feed, known=sorted(known))
    expect_file(file)
    with tempfile.TemporaryDirectory(dir=settings.DELIVERY_FOLDER, prefix=IN_WORK) as inside:
        delivered = _read(known[feed], file, Path(inside) / "rows.parquet")
        return take_feed(known[feed], delivered, by=system("feed"), under=GROUND, on=day)


def _read(feed: "FeedConfig", file: Path, into: Path) -> "Delivered":
    """Read a file in the child that reads every delivery. Raises Refused where its heading is not the feed's."""
    from amparo.intake.files import child
    from amparo.intake.files.wanted import Wanted
    from amparo.programmes.types import Delivered

    read = child.read(
        Wanted(
            path=str(file.absolute()),
            name=file.name,
            into=str(into.absolute()),
            columns=tuple(dict.fromkeys(feed.columns.values())),
            ignore_rest=feed.ignore_rest,
            encoding=feed.encoding,
            separator=feed.separator,
        )
    )
    ragged = into.with_suffix(".ragged")
    return Delivered(into, ragged if read.ragged else None, read.sha256)


def write_errors(place: Path, rejected: list[tuple[int, list[str]]]) -> None:
    """Write the lines that were set aside with their reasons, for whoever sent them: nothing of what stood in them."""
    with written_to(place), place.open("w", newline="", encoding="utf-8") as file:
        write = spreadsheets.writer(file)
        write(("line", "reasons"))
        for line, reasons in rejected:
            write((line, " ".join(reasons)))
