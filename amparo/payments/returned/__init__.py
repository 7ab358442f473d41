"""Files that who pays sends back: read by a killable child process with limits, as every file from outside."""

from amparo.payments.returned.child import Told, read

__all__ = ["Told", "read"]
