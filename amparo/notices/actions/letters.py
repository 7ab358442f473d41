"""Letters are printed: all that wait for an area, as one PDF, and marked as printed once whoever prints has it.

Units   as many letters at a time as a file holds that somebody can still fold: the rest is printed by the next
Errors  NotPermitted in a trial; Refused where none waits. What no page can be made of is given up, with its reason, and
        the rest is printed
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.ids import uuid7
from amparo.notices import models, taking, words
from amparo.notices.channels import letter
from amparo.notices.config import AGAIN, GROUND, NoticesConfig
from amparo.notices.queries import expect_config
from amparo.notices.types import Channel, Reason, State
from amparo.registry.types import Contact
from amparo.trust.log.recording import record
from amparo.trust.queries import area as area_coded
from amparo.trust.stage import expect_live
from amparo.trust.types import Actor, Event, Permission

BULK = "bulk"
AT_MOST = 200


@dataclass(frozen=True)
class Printed:
    """What was printed together: under what id, how many letters, of how many no page could be made."""

    batch: UUID
    letters: int
    unprintable: int


def print_letters(area: str, keep: Callable[[UUID, bytes], None], *, by: Actor, at_most: int = AT_MOST) -> Printed:
    """Print what waits in an area and those below it. `keep` puts the PDF where it belongs before anything is marked.

    Whoever is stopped in between finds a file whose letters are printed once more: at least once, never not at all.
    """
    by = by.narrowed(Permission.SEND_NOTICES)
    expect_live(using=BULK)
    config = expect_config(using=BULK)
    with transaction.atomic(using=BULK):
        rows = _to_print(area, at_most)
        if not rows:
            raise Refused("notices-no-letters", area=area)
        pages = _pages(rows, config, by)
        lost = _unprintable(pages)
        printed = _marked(rows, pages, lost, clock.now())
        if printed.letters:
            keep(
                printed.batch, letter.pdf([page for id, page in pages.items() if id not in lost], title=_title(config))
            )
        record(
            Event.LETTERS_PRINTED,
            by=by,
            under=GROUND,
            about_kind="area",
            about_id=area,
            using=BULK,
            batch=str(printed.batch),
            letters=printed.letters,
            persons=[str(each.person_id) for each in rows if each.person_id],
            households=[str(each.household_id) for each in rows if not each.person_id],
        )
    return printed


def _to_print(area: str, at_most: int) -> list[models.Sending]:
    """Return the letters that wait in an area, the oldest first; of nobody in danger, whose letters a home would open."""
    place = area_coded(area)
    rows = models.Sending.objects.using(BULK).filter(
        state=State.TO_PRINT.value, area_number__range=(place.number, place.last_number)
    )
    return list(rows.filter(next_at__lte=clock.now()).order_by("id").select_for_update(skip_locked=True)[:at_most])


def _pages(rows: Sequence[models.Sending], config: NoticesConfig, by: Actor) -> dict[UUID, letter.Page]:
    """Return row → its letter; of a row that is in none, why stands in it."""
    known, found = taking.reached(rows, config, by=by), {}
    for row in rows:
        contact = known.get(row.person_id or row.household_id)
        if contact is None:
            row.reason = Reason.NOBODY.value
            continue
        try:
            found[row.id] = _page(row, contact, taking.language_of(contact, config))
        except words.Broken:
            row.reason = Reason.TEMPLATE_BROKEN.value
    return found


def _page(row: models.Sending, contact: Contact, language: str) -> letter.Page:
    about = taking.about(row, contact)
    said = words.written(about, Channel.LETTER, language)
    reference = about.values["reference"]
    return letter.Page(
        name=contact.name,
        address=contact.values.get("address", ""),
        language=language,
        is_right_to_left=words.is_right_to_left(language),
        title=said["title"],
        says=said["letter"].split("\n"),
        foot=words.told("notices-letter-foot", language, day=clock.today(), reference=reference),
    )


def _unprintable(pages: dict[UUID, letter.Page]) -> set[UUID]:
    lost = {id(each) for each in letter.unprintable(list(pages.values()))} if pages else set()
    return {row for row, page in pages.items() if id(page) in lost}


def _marked(rows: Sequence[models.Sending], pages: dict[UUID, letter.Page], lost: set[UUID], now: datetime) -> Printed:
    batch, done = uuid7(), 0
    for row in rows:
        if row.id in pages and row.id not in lost:
            row.state, row.batch_id, row.settled_at = State.PRINTED.value, batch, now
            done += 1
        elif row.reason == Reason.TEMPLATE_BROKEN.value:
            row.next_at = now + AGAIN
        else:
            row.reason = row.reason if row.id not in lost else Reason.UNPRINTABLE.value
            row.state, row.settled_at = State.GIVEN_UP.value, now
    models.Sending.objects.using(BULK).bulk_update(rows, ("state", "reason", "next_at", "batch_id", "settled_at"))
    return Printed(batch, done, len(lost))


def _title(config: NoticesConfig) -> str:
    return words.told("notices-letters-title", config.languages[0], day=clock.today())
