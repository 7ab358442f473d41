"""Every read of payments that is used twice or from outside."""

from amparo.payments.queries.arrears import arrears_of
from amparo.payments.queries.held import HeldInList, held_payment, list_makers, makers_of
from amparo.payments.queries.lists import (
    answered_dispatch,
    approvers,
    available_minor,
    dispatches_of,
    held,
    list_digests,
    may_go_again,
    payment_list,
    payment_lists,
    returns_of,
    unpaid,
)
from amparo.payments.queries.terms import all_terms, is_anybody_payable, terms_of

__all__ = [
    "HeldInList",
    "all_terms",
    "answered_dispatch",
    "approvers",
    "arrears_of",
    "available_minor",
    "dispatches_of",
    "held",
    "held_payment",
    "is_anybody_payable",
    "list_digests",
    "list_makers",
    "makers_of",
    "may_go_again",
    "payment_list",
    "payment_lists",
    "returns_of",
    "terms_of",
    "unpaid",
]
