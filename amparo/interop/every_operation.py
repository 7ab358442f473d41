"""Every operation, declared: whoever takes `operations` from here has loaded all of them."""

from amparo.interop.declaring import operations
from amparo.interop.operations import (
    agreements,
    being,
    checking,
    disbursing,
    exchanges,
    feeds,
    lists,
    programmes,
    token,
    updates,
)

__all__ = [
    "agreements",
    "being",
    "checking",
    "disbursing",
    "exchanges",
    "feeds",
    "lists",
    "operations",
    "programmes",
    "token",
    "updates",
]
