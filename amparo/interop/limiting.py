"""Counts each request against the machine and against the address it comes from."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from amparo.kernel.errors import Refused
from amparo.trust.limits import Limit, wait_for
from amparo.trust.origin import whence


class TooMany(Refused):
    """This was asked too often. `wait`: seconds after which to ask again."""

    def __init__(self, wait: int) -> None:
        super().__init__("interop-too-many", seconds=wait)
        self.wait = wait


def count(kind: str, whom: str) -> None:
    """Count a request against somebody. Raises TooMany, and then counts nothing."""
    if wait := wait_for(f"{kind}:{whom}", Limit(*settings.API_LIMITS[kind])):
        raise TooMany(wait)


def count_address(request: HttpRequest) -> None:
    """Count a request against the address it comes from, of which only a hash is kept."""
    hidden = salted_hmac("amparo.interop.address", whence(request), algorithm="sha256").hexdigest()
    count("address", hidden)
