"""Every write of payments."""

from amparo.payments.actions.accounts import record_accounts
from amparo.payments.actions.adjusting import confirm_adjustment, propose_adjustment
from amparo.payments.actions.approving import approve
from amparo.payments.actions.dispatching import dispatch, send, send_again
from amparo.payments.actions.exporting import export
from amparo.payments.actions.funding import record_funds
from amparo.payments.actions.holding import apply_defaults, decide_held, decide_held_in_case
from amparo.payments.actions.installing import install
from amparo.payments.actions.owing import owe_arrears
from amparo.payments.actions.preparing import prepare, propose, withdraw
from amparo.payments.actions.reconciling import override, receive, receive_told, settle, settle_told
from amparo.payments.actions.sheets import BY_REFERENCE, print_cash_list

__all__ = [
    "BY_REFERENCE",
    "apply_defaults",
    "approve",
    "confirm_adjustment",
    "decide_held",
    "decide_held_in_case",
    "dispatch",
    "export",
    "install",
    "override",
    "owe_arrears",
    "prepare",
    "print_cash_list",
    "propose",
    "propose_adjustment",
    "receive",
    "receive_told",
    "record_accounts",
    "record_funds",
    "send",
    "send_again",
    "settle",
    "settle_told",
    "withdraw",
]
