"""Counts each request against the machine and against the address it comes from."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.trust.arriving import Arrived, TooMuch, arrived
from amparo.trust.limits import Limit, how_long, wait_for
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


def machine_of(request: HttpRequest, token: str) -> Arrived:
    """Return who asks by a token, with one request more counted for it and its address. Raises NotBelieved, or TooMany."""
    limits = {kind: Limit(*settings.API_LIMITS[kind]) for kind in ("address", "machine")}
    address = f"address:{_hidden(request)}"
    try:
        return arrived(
            token, address=address, of_address=limits["address"], of_machine=limits["machine"], on=clock.today()
        )
    except TooMuch as full:
        raise TooMany(how_long(full.key, limits[full.key.partition(":")[0]])) from None


def count_address(request: HttpRequest) -> None:
    """Count a request against the address it comes from, of which only a hash is kept."""
    count("address", _hidden(request))


def _hidden(request: HttpRequest) -> str:
    return salted_hmac("amparo.interop.address", whence(request), algorithm="sha256").hexdigest()
