"""What the installed profile states about trust besides areas, purposes and agreements: office hours, thresholds, the law on breaches."""

from typing import Any

from amparo.trust.models import Setting
from amparo.trust.types import BreachConfig, WatchConfig


def watch_config(*, using: str = "default") -> WatchConfig:
    """Return the thresholds that the profile states; those it leaves out have the product's own values."""
    stated = _stated("watch", using)
    return WatchConfig(**(stated | ({"weekdays": tuple(stated["weekdays"])} if "weekdays" in stated else {})))


def breach_config(*, using: str = "default") -> BreachConfig:
    """Return the law on breaches that the profile states; three days where it states none."""
    return BreachConfig(**_stated("breach", using))


def _stated(name: str, using: str) -> dict[str, Any]:
    return Setting.objects.using(using).filter(name=name).values_list("value", flat=True).first() or {}
