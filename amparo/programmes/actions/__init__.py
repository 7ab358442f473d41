"""Every write of programmes."""

from amparo.programmes.actions.installing import install
from amparo.programmes.actions.running import determine

__all__ = ["determine", "install"]
