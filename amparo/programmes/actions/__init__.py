"""Every write of programmes."""

from amparo.programmes.actions.comparing import cross_check
from amparo.programmes.actions.installing import install
from amparo.programmes.actions.running import determine
from amparo.programmes.actions.single import determine_household

__all__ = ["cross_check", "determine", "determine_household", "install"]
