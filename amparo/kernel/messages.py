"""What we tell people is a message: an id with typed values, put into words at the door (`profiles.languages`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    """A message id of the catalogues in `amparo/locale`, and the values its text names in braces.

    Values are typed (int, Decimal, date, Money, str, Message) so that each language can write them its own way.
    They never hold a person's data.
    """

    id: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.id, *(f"{name}={value}" for name, value in self.values.items())])


def message(id: str, /, **values: Any) -> Message:
    return Message(id, values)
