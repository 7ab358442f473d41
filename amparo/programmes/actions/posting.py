"""Deliveries over the API: kept as they come, and taken in by a job as a file is, with the same receipt.

Shape   rows in; a waiting delivery out, and from it, later, its receipt or why it was refused whole
Nulls   none
Errors  NotPermitted where the profile names another agreement for the system; NotFound where it names no such system
Source  decision 34. What waits lies in the data folder, for this installation's user alone, and goes with the job
"""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.ids import uuid7
from amparo.programmes import models
from amparo.programmes.actions.feeding import take_feed
from amparo.programmes.feeds.mapping import FeedConfig, restored
from amparo.programmes.feeds.posted import Row, write
from amparo.programmes.publishing import BULK
from amparo.programmes.types import Delivered, PostState
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event, Ground, Permission

LEFT_AFTER = timedelta(days=1)
IN_WORK = "feed-"  # begins the name of a folder in which a delivery is taken in, over the API or by a command


@transaction.atomic
def post_feed(feed: FeedConfig, rows: Sequence[Row], *, day: date, by: Actor, under: Ground) -> models.FeedPost:
    """Keep what a system's machine sent as of a day, to be taken in by the job that the caller defers beside it."""
    if day > clock.today():
        raise Refused("programmes-feed-day-ahead", day=day)
    content = json.dumps(list(rows), ensure_ascii=False).encode()
    id = uuid7()
    made = models.FeedPost.objects.create(
        id=id,
        feed=feed.code,
        agreement=under.agreement or "",
        purpose=under.purpose,
        day=day,
        mapping=asdict(feed),
        digest=sha256(content).hexdigest(),
        rows=len(rows),
        state=PostState.WAITING.value,
        posted_by=by.id,
        posted_at=clock.now(),
    )
    told = {"feed": feed.code, "day": day.isoformat(), "delivered": len(rows)}
    record(Event.FEED_POSTED, by=by, under=under, about_kind="feed-post", about_id=id, **told)
    _keep(id, content)
    return made


def take_post(id: UUID, *, by: Actor) -> None:
    """Take in what waits. Done once: what was taken in is known again, so that a job which was killed begins anew."""
    by = by.narrowed(Permission.DELIVER)
    row = models.FeedPost.objects.using(BULK).get(id=id)
    if row.state != PostState.WAITING:
        return
    under = Ground(row.purpose, agreement=row.agreement)
    try:
        receipt = _taken(row, by, under)
    except Refused as refused:
        told = {"id": refused.message.id, "values": _plain(refused.message.values)}
        with transaction.atomic(using=BULK):
            if _settle(row, PostState.REFUSED, refusal=told):
                record(Event.FEED_REFUSED, by=by, about_kind="feed-post", about_id=id, using=BULK, reason=told["id"])
    else:
        _settle(row, PostState.TAKEN, receipt=receipt)
    _forget(id)


def _taken(row: models.FeedPost, by: Actor, under: Ground) -> dict:
    feed = restored(row.mapping)
    try:
        content = _place(row.id).read_bytes()
    except FileNotFoundError:
        raise Refused("programmes-feed-post-lost") from None
    if sha256(content).hexdigest() != row.digest:
        raise Refused("programmes-feed-post-lost")
    with tempfile.TemporaryDirectory(dir=settings.DELIVERY_FOLDER, prefix=IN_WORK) as inside:
        into = Path(inside) / "rows.parquet"
        write(json.loads(content), into)
        return take_feed(feed, Delivered(into, None, row.digest), by=by, under=under, on=row.day)


def _settle(row: models.FeedPost, state: PostState, **told: object) -> int:
    """Write what came of it; return 0 where another worker did so meanwhile."""
    rows = models.FeedPost.objects.using(BULK).filter(id=row.id, state=PostState.WAITING.value)
    return rows.update(state=state.value, taken_at=clock.now(), **told)


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    return {name: each if isinstance(each, int | str) else str(each) for name, each in values.items()}


def _folder() -> Path:
    return Path(settings.DELIVERY_FOLDER) / "posted"


def _place(id: UUID) -> Path:
    return _folder() / f"{id}.json"


def _keep(id: UUID, content: bytes) -> None:
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    place = _place(id)
    place.touch(mode=0o600)
    place.write_bytes(content)


def _forget(id: UUID) -> None:
    """Remove what was taken in, and whatever lies there without a delivery that waits for it: its request did not end."""
    _place(id).unlink(missing_ok=True)
    waiting = models.FeedPost.objects.using(BULK).filter(state=PostState.WAITING.value).values_list("id", flat=True)
    known = {_place(each) for each in waiting}
    oldest = (clock.now() - LEFT_AFTER).timestamp()
    for each in _folder().glob("*.json"):
        if each not in known and each.stat().st_mtime < oldest:
            each.unlink(missing_ok=True)
    for each in Path(settings.DELIVERY_FOLDER).glob(f"{IN_WORK}*"):  # of a worker that was killed
        if each.stat().st_mtime < oldest:
            shutil.rmtree(each, ignore_errors=True)
