"""What each operation of the API declares: whom it answers, what it takes, and every answer that it may give.

`operation` is the only way to add one. It has no default for whom it answers, so that none is open by oversight.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from ninja import NinjaAPI

from amparo.interop.bodies import StrictParser
from amparo.interop.grounds import Named, under
from amparo.interop.machine_token import MachineToken
from amparo.interop.modes import part_of
from amparo.interop.schemas import Problem
from amparo.trust.types.modes import Part


class Asks(StrEnum):
    """Whom an operation answers."""

    NOTHING = "nothing"  # everybody: nothing of anybody is in its answers
    SIGNED = "signed"  # a source that signed the message with its registered key; nothing of anybody is in its answers
    MACHINE = "machine"  # a partner's machine that was let in
    AGREEMENT = "agreement"  # such a machine, under an agreement that it was opened for and that holds


# What may be answered besides what was asked for. Each is a problem in one form (`problems`).
OF_ALL = (405, 429, 500, 503)
OF_MACHINES = {401, 403}
OF_WHOM = {Asks.NOTHING: set(), Asks.SIGNED: {401}, Asks.MACHINE: OF_MACHINES, Asks.AGREEMENT: OF_MACHINES}
OF_BODIES = (400, 413, 415, 422)
OF_PLACES = (400, 404, 422)  # what names something in its address


@dataclass(frozen=True)
class Declared:
    """One operation. `takes`: the kinds of body it reads; none where it reads none. `part`: what switches it on and off."""

    method: str
    path: str
    asks: Asks
    takes: tuple[str, ...] = ()
    part: Part | None = None


@dataclass
class Operations:
    """Every operation of the API, as it was declared."""

    api: NinjaAPI
    declared: dict[tuple[str, str], Declared] = field(default_factory=dict)


operations = Operations(
    NinjaAPI(
        title="Amparo",
        version="1",
        description="What a partner's machines may ask of the registry, under their agreements.",
        openapi_url=None,
        docs_url=None,
        urls_namespace="api",
        parser=StrictParser(),
        servers=[],
    )
)


def operation(
    method: str,
    path: str,
    *,
    asks: Asks,
    answers: dict[int, Any],
    takes: Iterable[str] = (),
    also: Iterable[int] = (),
    named: Named | None = None,
    **more: Any,
) -> Callable[[Callable], Callable]:
    """Declare a view as an operation; `answers` are those that are no problem, `also` further statuses that are one.

    `named` finds the agreement of an operation that asks for one; no other may have it, and none that does may lack it.
    """
    assert (named is not None) == (asks is Asks.AGREEMENT)
    known = Declared(method, path, asks, tuple(takes))
    statuses = {*OF_ALL, *also, *(OF_BODIES if known.takes else ()), *(OF_PLACES if "{" in path else ())}
    statuses |= OF_WHOM[asks]
    responses = dict.fromkeys(sorted(statuses), Problem) | answers

    def declared(view: Callable) -> Callable:
        operations.declared[path, method] = replace(known, part=part_of(view.__module__))
        auth = None if asks in (Asks.NOTHING, Asks.SIGNED) else MachineToken()
        register = operations.api.api_operation(
            [method],
            path,
            auth=auth,
            response=responses,
            operation_id=view.__name__,
            url_name=f"api-{view.__name__}",
            **more,
        )
        register(under(named, view) if named else view)
        return view

    return declared
