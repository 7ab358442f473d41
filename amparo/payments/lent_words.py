"""What an agreement may hand over of payments: `payment.amount` and so on, as `programmes.lent_words`. Where anything is paid to is not in it."""

from collections.abc import Mapping

PAYMENT = "payment"
# In minor units what is to be paid, and what was; what became of it; the day.
WORDS: Mapping[str, tuple[str, ...]] = {PAYMENT: ("amount", "state", "paid", "paid_on")}
