"""What a programme says about enrolment: places, who enrols, in what order, and on what grounds one is suspended or leaves.

Units   places are units of the programme (households, families, persons)
Nulls   without `places` as many as one likes; without a ground nobody is suspended, and without a reason nobody leaves
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from amparo.kernel.errors import Refused
from amparo.kernel.messages import Message, message


class Order(StrEnum):
    """In what order those who wait are given a place."""

    ARRIVAL = "arrival"  # who was put on the list first
    RANK = "rank"  # as the programme's run ranked them; who has no rank comes after, in the order of arrival


class EnrolledBy(StrEnum):
    """Who decides that somebody takes part."""

    PROGRAMME = "programme"  # those who run the programme
    AREAS = "areas"  # and the officers of each area, of whoever lives there


class Collector(StrEnum):
    """Who collects for a unit where nobody else is named."""

    HEAD = "head"  # the head of the household they live in


class CollectorKind(StrEnum):
    """Who collects instead of whoever does; the words are in the catalogue under `programmes-collector-<kind>`."""

    CAREGIVER = "caregiver"
    ALTERNATE = "alternate"  # who may, where the other cannot come
    INSTITUTION = "institution"  # a home, a clinic: an organisation of the profile's, for a person who lives there
    SELF = "self"  # the person themselves, again

    @property
    def words(self) -> Message:
        return message(f"programmes-collector-{self.value}")


class Basis(StrEnum):
    """What an exit rests on, and so what must have come before it."""

    NOTICE = "notice"  # it is for the worse: notice is given first
    DECISION = "decision"  # a decision in effect that nothing is granted, of which notice was given
    FACT = "fact"  # the unit's own wish, a death, a move: no notice


@dataclass(frozen=True)
class SuspensionGround:
    """Why the programme may suspend; its words are `suspension-<code>` in the profile's catalogue, and `law` is there too."""

    code: str
    law: str

    @property
    def label_id(self) -> str:
        return f"suspension-{self.code}"


@dataclass(frozen=True)
class ExitReason:
    """Why somebody leaves the programme; its words are `exit-<code>` in the profile's catalogue, and `law` is there too."""

    code: str
    law: str
    basis: Basis = Basis.NOTICE

    @property
    def label_id(self) -> str:
        return f"exit-{self.code}"


@dataclass(frozen=True)
class CollectorProof:
    """What shows that somebody may collect; its words are `collector-<code>` in the profile's catalogue, and `law` is there too."""

    code: str
    kind: CollectorKind
    law: str

    @property
    def label_id(self) -> str:
        return f"collector-{self.code}"


@dataclass(frozen=True)
class Recertification:
    """How often a person confirms that whoever takes part still does rightly. A case opens by it; nothing ends or stops.

    `every_months`  from enrolment to the first, and from each that was done to the next
    `days_ahead`    how many days before its day the case opens
    `category`      what the case is about (cases.toml); it says to whom those go that are not done by their day
    `law`           message id of what demands it
    `suspension`    the ground on which a person may then suspend, with the programme's notice; "": on none
    """

    every_months: int
    days_ahead: int
    category: str
    law: str
    suspension: str = ""


@dataclass(frozen=True)
class EnrolmentTerms:
    """How a programme enrols.

    `area`          code of the area whose people alone it is for; None: everybody's
    `collected_by`  who collects where nobody is named; None: nobody, of a person they themselves
    `collectors`    by what proof somebody else collects; without one nobody is put in another's place
    `recertification`  how often whoever takes part is looked at again; None: nothing opens by itself
    """

    places: int | None = None
    order: Order = Order.ARRIVAL
    enrolled_by: EnrolledBy = EnrolledBy.PROGRAMME
    area: str | None = None
    suspensions: tuple[SuspensionGround, ...] = ()
    exits: tuple[ExitReason, ...] = ()
    collected_by: Collector | None = None
    collectors: tuple[CollectorProof, ...] = ()
    recertification: Recertification | None = None

    def kept(self) -> dict[str, Any]:
        """Return the terms as a table keeps them."""
        plain = asdict(self)
        return plain | {name: [dict(each) for each in plain[name]] for name in ("suspensions", "exits", "collectors")}

    def suspension_ground(self, code: str) -> SuspensionGround:
        """Return a ground by its code. Raises Refused where the programme states none of this name."""
        known = {each.code: each for each in self.suspensions}
        if code not in known:
            raise Refused("programmes-suspension-unknown", code=code, known=sorted(known))
        return known[code]

    def exit_reason(self, code: str) -> ExitReason:
        """Return a reason by its code. Raises Refused where the programme states none of this name."""
        known = {each.code: each for each in self.exits}
        if code not in known:
            raise Refused("programmes-exit-unknown", code=code, known=sorted(known))
        return known[code]

    def collector_proof(self, code: str) -> CollectorProof:
        """Return a proof by its code. Raises Refused where the programme states none of this name."""
        known = {each.code: each for each in self.collectors}
        if code not in known:
            raise Refused("programmes-collector-unknown", code=code, known=sorted(known))
        return known[code]


def restored(kept: Mapping[str, Any]) -> EnrolmentTerms:
    """Return the terms as a table keeps them; of a programme that never stated any, the default."""
    if not kept:
        return EnrolmentTerms()
    return EnrolmentTerms(
        kept["places"],
        Order(kept["order"]),
        EnrolledBy(kept["enrolled_by"]),
        kept["area"],
        tuple(SuspensionGround(**each) for each in kept["suspensions"]),
        tuple(ExitReason(each["code"], each["law"], Basis(each["basis"])) for each in kept["exits"]),
        Collector(kept["collected_by"]) if kept.get("collected_by") else None,
        tuple(
            CollectorProof(each["code"], CollectorKind(each["kind"]), each["law"])
            for each in kept.get("collectors", ())
        ),
        Recertification(**kept["recertification"]) if kept.get("recertification") else None,
    )
