"""What became of a delivery over the API, for the partner that sent it: counts, sums, and lines with reasons."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from amparo.kernel.errors import NotFound
from amparo.programmes import models
from amparo.programmes.types import PostState

LINES = 1_000  # a delivery with more wrong rows than these has one fault a thousand times


@dataclass(frozen=True)
class FeedPosted:
    """A delivery as it stands. `rejected`: line and reasons of rows that were set aside, the first of them."""

    id: UUID
    feed: str
    day: date
    rows: int
    state: PostState
    receipt: dict[str, Any] | None
    refusal: dict[str, Any] | None
    rejected: tuple[tuple[int, list[str]], ...]


def feed_post(id: UUID, *, organisation: UUID, agreement: str) -> FeedPosted:
    """Return a delivery. Raises NotFound, for another partner's or agreement's as for none."""
    row = models.FeedPost.objects.filter(id=id, posted_by=organisation, agreement=agreement).first()
    if row is None:
        raise NotFound("programmes-feed-post-unknown")
    rejected: list[tuple[int, list[str]]] = []
    if row.receipt:
        lines = models.FeedRejection.objects.filter(delivery_id=row.receipt["delivery"]).order_by("line", "id")
        rejected = list(lines.values_list("line", "reasons")[:LINES])
    state = PostState(row.state)
    return FeedPosted(row.id, row.feed, row.day, row.rows, state, row.receipt, row.refusal, tuple(rejected))


def posts_left(before: datetime) -> list[UUID]:
    """Return what has waited since before an instant, the oldest first: the worker that was to take it in may have died."""
    rows = models.FeedPost.objects.using("bulk").filter(state=PostState.WAITING.value, posted_at__lt=before)
    return list(rows.order_by("posted_at", "id").values_list("id", flat=True))
