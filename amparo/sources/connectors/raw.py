"""What a connector brings back, before anybody has said what it means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Raw:
    """An answer about the person who was asked about: field → what stands there, absent where its place is missing.

    `has_day`  whether the source was to say of which day it speaks; then `day` is that, as it stands there
    """

    values: Mapping[str, Any] = field(repr=False)
    has_day: bool = False
    day: Any = None
