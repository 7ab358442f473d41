"""Every write of programmes."""

from amparo.programmes.actions.installing import install
from amparo.programmes.actions.running import determine
from amparo.programmes.actions.single import determine_household

__all__ = ["determine", "determine_household", "install"]
