"""What is told to everybody beside the messages: our public keys, and the tree of areas."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from amparo.interop.declaring import Asks, Declared
from amparo.interop.door import door
from amparo.trust.machines.message_key import message_key, sealing_key
from amparo.trust.queries import all_areas
from amparo.trust.types.modes import Part

CONTEXT = "https://schema.spdci.org/core/v1"


def jwks(request: HttpRequest) -> HttpResponse:
    """The keys that our messages are signed with, and that messages to us may be encrypted for (RFC 7517)."""
    signs = message_key().as_dict(private=False) | {"use": "sig", "alg": "EdDSA"}
    seals = sealing_key().as_dict(private=False) | {"use": "enc", "alg": "RSA-OAEP-256"}
    return JsonResponse({"keys": [signs, seals]})


def locations(request: HttpRequest) -> HttpResponse:
    """Every area of the country, each with the one it lies in."""
    rows = all_areas()
    codes = {each.id: each.code for each in rows}
    told = [_place(each, codes.get(each.parent_id)) for each in rows]
    return JsonResponse({"@context": CONTEXT, "@type": "LocationHierarchy", "locations": told})


def _place(row: Any, above: str | None) -> dict[str, Any]:
    identifier = {"@type": "PropertyValue", "name": "code", "identifier": row.code}
    return {
        "@type": "Place",
        "identifier": [identifier],
        "name": row.name,
        "additional_type": row.level,
        "contained_in_place": above,
    }


def open_to_all(view: Any, path: str) -> Any:
    """Return a view behind the door that every request passes, declared as one that answers everybody."""
    return door(view, {"GET": Declared("GET", path, Asks.NOTHING, part=Part.HOUSE)})
