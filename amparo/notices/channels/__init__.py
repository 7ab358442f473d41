"""Ways to people: each kind of channel hands one message to who carries it, under a reference by which that one knows it again.

A channel is a folder with `is_configured()` and `send(message) -> Outcome`. Letters are no attempt: they are printed together
(`channels.letter`). Whatever a channel answers, no address and no word of a message leaves it but to its gateway.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from amparo.notices.channels import email, sms
from amparo.notices.channels.message import Outgoing
from amparo.notices.types import Channel, Outcome


@dataclass(frozen=True)
class Carrier:
    """What carries messages of one channel."""

    is_configured: Callable[[], bool]
    send: Callable[[Outgoing], Outcome]


CARRIERS: Mapping[Channel, Carrier] = {
    Channel.SMS: Carrier(sms.is_configured, sms.send),
    Channel.EMAIL: Carrier(email.is_configured, email.send),
}
