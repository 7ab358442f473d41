"""A table for agents who pay in cash against a reference. It names nobody: the agent asks the person for their reference.

Units   amounts in major units, as exact decimals
"""

import io

from amparo.kernel.money import to_major
from amparo.kernel.spreadsheets import writer
from amparo.payments.rails.sending import Sending

HEADER = ("reference", "amount", "currency", "pays_on")


def written(sending: Sending) -> bytes:
    """Return the table as CSV. A text that a spreadsheet would calculate cannot be in it (`kernel.spreadsheets`)."""
    stream = io.StringIO(newline="")
    write = writer(stream)
    write(HEADER)
    for each in sending.payments:
        amount = to_major(each.amount_minor, sending.decimals)
        write((each.reference, amount, sending.currency, sending.pays_on))
    return stream.getvalue().encode()
