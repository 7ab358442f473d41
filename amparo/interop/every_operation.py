"""Every operation, declared: whoever takes `operations` from here has loaded all of them."""

from amparo.interop.declaring import operations
from amparo.interop.operations import agreements, being, disbursing, exchanges, feeds, token, updates

__all__ = ["agreements", "being", "disbursing", "exchanges", "feeds", "operations", "token", "updates"]
