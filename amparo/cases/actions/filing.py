"""A case begins: taken down by an officer, filed by a citizen, or by somebody who does not say who they are.

Units   due so many days after the day on which it was filed
Errors  Refused for a category that takes none of these, and for nothing said; NotFound for whom or what the actor does not reach
"""

from dataclasses import replace
from datetime import date

from django.db import transaction

from amparo.cases.beginning import Filing, begin, category_of
from amparo.cases.moves import UNTOLD
from amparo.cases.types import Case, Channel, Kind, Linked
from amparo.kernel import clock
from amparo.kernel.errors import NotFound, NotPermitted, Refused
from amparo.registry import queries as registry
from amparo.registry.own import expect_own
from amparo.trust.queries import area as area_coded
from amparo.trust.types import Actor, ActorKind, Ground, Permission


@transaction.atomic
def file(filing: Filing, *, by: Actor, under: Ground, on: date) -> Case:
    """Take a case down for somebody, on the day it came. Raises NotFound for a person or place outside the actor's areas."""
    by = by.narrowed(Permission.OPEN_CASE)
    category = category_of(filing.category)
    if on > clock.today():
        raise Refused("cases-filed-ahead", day=on)
    if filing.channel in (Channel.WEB, Channel.SYSTEM):
        raise Refused("cases-channel-not-taken-down", channel=filing.channel.value)
    number = _place(filing, by, under)
    return begin(category, filing, by=by, under=under, on=on, area_number=number)


@transaction.atomic
def file_own(filing: Filing, *, by: Actor, under: Ground, on: date) -> Case:
    """File a case about whom a citizen looks at: themselves, or somebody for whom they may act."""
    by = by.narrowed(Permission.DECIDE_OWN)
    if by.kind is not ActorKind.CITIZEN:
        raise NotPermitted("cases-not-a-citizen")
    expect_own(by)
    category = category_of(filing.category)
    if Kind(category.kind) in UNTOLD:
        raise Refused("cases-category-not-for-oneself", category=category.code)
    filing = replace(
        filing, channel=Channel.WEB, linked=Linked(person=by.concerning, programme=filing.linked.programme)
    )
    return begin(category, filing, by=by, under=under, on=on)


@transaction.atomic
def file_anonymously(filing: Filing, *, by: Actor, on: date) -> Case:
    """File a case without saying who one is. It names nobody, lies in the area that was chosen, and is asked about by code."""
    category = category_of(filing.category)
    if not category.is_public:
        raise Refused("cases-category-not-public", category=category.code)
    filing = replace(filing, channel=Channel.ANONYMOUS, linked=Linked())
    return begin(category, filing, by=by, under=None, on=on, area_number=area_coded(filing.area).number)


def _place(filing: Filing, by: Actor, under: Ground) -> int:
    """Return where a case lies: the database copies it from whom it is about; else the area, which must be the actor's."""
    if filing.linked.person:
        return registry.person(filing.linked.person, by=by).area_number
    if filing.linked.household:
        return registry.household(filing.linked.household, by=by, under=under).area_number
    number = area_coded(filing.area).number
    if not by.scope.covers(number):
        raise NotFound("trust-area-unknown", area=filing.area)
    return number
