"""One message on its way to who carries it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Outgoing:
    """`reference`: the same however often it is handed over, so that whoever carries it takes it once."""

    reference: str
    address: str = field(repr=False)
    parts: dict[str, str] = field(repr=False)
