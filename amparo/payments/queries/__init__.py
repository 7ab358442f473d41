"""Every read of payments that is used twice or from outside."""

from amparo.payments.queries.lists import (
    approvers,
    available_minor,
    held,
    list_digests,
    payment_list,
    payment_lists,
    returns_of,
    unpaid,
)
from amparo.payments.queries.terms import all_terms, is_anybody_payable, terms_of

__all__ = [
    "all_terms",
    "approvers",
    "available_minor",
    "held",
    "is_anybody_payable",
    "list_digests",
    "payment_list",
    "payment_lists",
    "returns_of",
    "terms_of",
    "unpaid",
]
