"""Searches: what a message looks for, found within its agreement, in the standard's records.

Everybody who is looked for by a number is looked up at once, by one question to the database, however many a message asks for.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from amparo.dci import records
from amparo.dci.codes import QueryType, RecordType, SearchReason, Status, Wrong
from amparo.dci.envelope import expect_count, stamp
from amparo.dci.searching import Asked, Page, asked_in, identified, query_of, sort_of
from amparo.interop.dci import vocabulary
from amparo.interop.dci.asking import Asking, Under, under
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.profiles.languages import say
from amparo.programmes.lent import find, look_up, taking_part
from amparo.registry.actions.answering import TooManyFound
from amparo.registry.queries import dictionary
from amparo.registry.sought import Wanted
from amparo.trust.actions.exchanging import NotCovered
from amparo.trust.covering import Refusal, Terms, covers

MOST_REQUESTS = 1_000
MOST_ON_A_PAGE = 1_000
WITHOUT_PAGES = 100  # more than these are not told to whoever asked for no page

Items = dict[str, dict[str, Any]]


def requests_in(asking: Asking) -> list[Asked]:
    """Return the requests of a search. Raises Wrong where the message does not have the form it must."""
    asked = asked_in(asking.message, most_on_a_page=MOST_ON_A_PAGE)
    expect_count(asking.header, len(asked), most=MOST_REQUESTS)
    return asked


def search(asking: Asking, correlation_id: str) -> dict[str, Any]:
    """Return the answer to a search: one part for each of its requests. Raises as `under` and `exchange_page` do."""
    asked = requests_in(asking)
    found = answered(asking, under(asking, {each.purpose for each in asked}), asked)
    return {
        "transaction_id": asking.message["transaction_id"],
        "correlation_id": correlation_id,
        "search_response": [found[each.reference_id] for each in asked],
    }


def expect_covered(ground: Under) -> None:
    """Raise NotPermitted where an agreement lets nothing out today. Whether what is asked keeps within it is asked later."""
    terms = ground.stated.compiled.terms
    answer = covers(
        ground.stated.compiled,
        ground.request([(each.grain, each.name) for each in terms.fields], records=1),
        clock.today(),
    )
    if isinstance(answer, Refusal):
        raise NotCovered(answer)


def answered(asking: Asking, ground: Under, asked: list[Asked]) -> Items:
    """Return reference → answer of each request. One that is wrong is refused by itself."""
    found = _Answering(asking, ground)
    by_number = [each for each in asked if each.query_type is QueryType.IDENTIFIER]
    return found.by_numbers(by_number) | {
        each.reference_id: found.settled(each, found.by_query)
        for each in asked
        if each.query_type is not QueryType.IDENTIFIER
    }


class _Answering:
    """The answers to one message's requests, under one agreement."""

    def __init__(self, asking: Asking, ground: Under) -> None:
        self.asking, self.ground = asking, ground
        self.terms: Terms = ground.stated.compiled.terms
        self.words = dictionary()

    def settled(self, asked: Asked, act: Callable[[Asked], dict[str, Any]]) -> dict[str, Any]:
        """Return what an act answers, or why this request is refused. What no agreement covers refuses the message whole."""
        try:
            return act(asked)
        except Wrong as wrong:
            return rejected(asked.reference_id, wrong, self.asking)

    def by_numbers(self, asked: list[Asked]) -> Items:
        found: Items = {}
        for type in {self._type(each) for each in asked}:
            found |= self._of_type(type, [each for each in asked if self._type(each) is type])
        return found

    def _type(self, asked: Asked) -> RecordType | None:
        try:
            return vocabulary.record_type(self.asking.registry, asked.record_type)
        except Wrong:
            return None

    def _of_type(self, type: RecordType | None, asked: list[Asked]) -> Items:
        found: Items = {}
        numbers: dict[str, tuple[str, str]] = {}
        for each in asked:
            try:
                numbers[each.reference_id] = self._number(each)
            except Wrong as wrong:
                found[each.reference_id] = rejected(each.reference_id, wrong, self.asking)
        if not numbers or type is None:
            return found
        told = look_up(
            self.ground.row.id,
            self._request(type, records=len(numbers)),
            list(numbers.values()),
            by=self.ground.by,
            on=clock.today(),
            beside=self._beside(type),
            words=self.words,
        )
        for reference, one in zip(numbers, told, strict=True):
            found[reference] = self._item(reference, type, [one] if one else [], page=None, total=int(one is not None))
        return found

    def _number(self, asked: Asked) -> tuple[str, str]:
        """Return scheme and number of whoever is asked for."""
        type = vocabulary.record_type(self.asking.registry, asked.record_type)
        number = identified(asked.query)
        if type is RecordType.GROUP or asked.sort:
            raise Wrong("interop-dci-group-number", code=SearchReason.FILTER)
        return vocabulary.scheme_of(number, self.words, self.terms), number.value

    def by_query(self, asked: Asked) -> dict[str, Any]:
        type = vocabulary.record_type(self.asking.registry, asked.record_type)
        known = vocabulary.attributes(self.terms, self.words, type)
        kinds = vocabulary.kinds(known)
        query = vocabulary.in_our_words(query_of(asked, kinds), known)
        sort = tuple((f"{known[name].grain}.{known[name].name}", is_down) for name, is_down in sort_of(asked, kinds))
        page = asked.page or Page(WITHOUT_PAGES)
        wanted = Wanted(query, sort, skip=page.size * (page.number - 1), is_whole=asked.page is None)
        try:
            found = find(
                self.ground.row.id,
                self._request(type, records=page.size),
                wanted,
                about=vocabulary.grain_of(type),
                by=self.ground.by,
                on=clock.today(),
                beside=self._beside(type),
                words=self.words,
            )
        except TooManyFound as refused:
            raise Wrong(refused.message.id, code=SearchReason.TOO_MANY, **refused.message.values) from None
        return self._item(asked.reference_id, type, list(found.records), page=asked.page, total=found.total)

    def _request(self, type: RecordType, *, records: int) -> Any:
        fields = [(each.grain, each.name) for each in vocabulary.terms_told(self.terms, type)]
        return self.ground.request(fields, records=records)

    def _beside(self, type: RecordType) -> Callable[..., Mapping[UUID, Any]] | None:
        return taking_part if type is RecordType.BENEFICIARY else None

    def _item(
        self, reference: str, type: RecordType, told: list[Any], *, page: Page | None, total: int
    ) -> dict[str, Any]:
        on, language = clock.today(), self.asking.language
        rows = [vocabulary.record(type, each, self.terms, self.words, on=on, language=language) for each in told]
        shown = page or Page(max(total, 1))
        return records.search_item(
            reference,
            rows,
            now=self.asking.now,
            registry=vocabulary.NAMES[self.asking.registry],
            type=type,
            pagination={"page_size": shown.size, "page_number": shown.number, "total_count": total},
        )


def rejected(reference: str, refused: Refused, asking: Asking) -> dict[str, Any]:
    """Return that one request is refused, and why."""
    code = getattr(refused, "code", None)
    return {
        "reference_id": reference,
        "timestamp": stamp(asking.now),
        "status": Status.REJECTED.value,
        "status_reason_code": code.value if isinstance(code, SearchReason) else SearchReason.CRITERIA.value,
        "status_reason_message": say(refused.message, asking.language).replace("\n", " ")[:999],
    }
