"""How each source is asked, as it is stored and as it is used."""

from dataclasses import asdict
from typing import Any

from amparo.sources import models
from amparo.sources.types import (
    Attribute,
    Caching,
    ConnectionConfig,
    Drafting,
    Happening,
    Road,
    UpdateConfig,
    UpdateKind,
)


def connections(*, using: str = "default") -> tuple[ConnectionConfig, ...]:
    """Return how each source is asked, in the profile's order, then what was connected in the pages; no draft."""
    rows = models.Connection.objects.using(using).exclude(drafting=Drafting.DRAFTED).order_by("position", "source")
    return tuple(restored(each) for each in rows.values_list("definition", flat=True))


def stored(config: ConnectionConfig) -> dict[str, Any]:
    """Return a connection as it is stored."""
    plain = asdict(config)
    told = plain.pop("updates")
    plain |= {"attributes": [_plain(each) for each in plain["attributes"]]}
    return plain | ({"updates": _told(told)} if told else {})


def _plain(attribute: dict[str, Any]) -> dict[str, Any]:
    return attribute | {"caching": attribute["caching"].value}


def _told(updates: dict[str, Any]) -> dict[str, Any]:
    kinds = [
        {
            "name": each["name"],
            "happening": each["happening"].value,
            "attributes": [_plain(one) for one in each["attributes"]],
        }
        for each in updates["kinds"]
    ]
    return {"road": updates["road"].value, "kinds": kinds, "settings": updates["settings"]}


def restored(plain: dict[str, Any]) -> ConnectionConfig:
    """Return a connection as it was stored."""
    updates = _updates(plain["updates"]) if plain.get("updates") else None
    return ConnectionConfig(**(plain | {"attributes": _attributes(plain["attributes"]), "updates": updates}))


def _attributes(plain: list[dict[str, Any]]) -> tuple[Attribute, ...]:
    return tuple(Attribute(**(each | {"caching": Caching(each["caching"])})) for each in plain)


def _updates(plain: dict[str, Any]) -> UpdateConfig:
    kinds = tuple(
        UpdateKind(each["name"], Happening(each["happening"]), _attributes(each["attributes"]))
        for each in plain["kinds"]
    )
    return UpdateConfig(Road(plain["road"]), kinds, plain["settings"])
