"""Writes how sources are asked, as a profile states it."""

from collections.abc import Sequence

from django.db import transaction

from amparo.sources.models import Connection
from amparo.sources.queries import stored
from amparo.sources.types import ConnectionConfig, Drafting
from amparo.trust.log.recording import record
from amparo.trust.types import Actor, Event


@transaction.atomic(using="owner")
def install_connections(configs: Sequence[ConnectionConfig], *, by: Actor) -> None:
    """Write the profile's connections, where they differ from what is held. One that is gone is asked no more; of what was
    connected in the pages only what the profile now states itself is replaced."""
    rows = Connection.objects.using("owner").filter(drafting=Drafting.STATED)
    fresh = [
        Connection(source=each.source, position=place, definition=stored(each)) for place, each in enumerate(configs)
    ]
    if [(each.source, each.definition) for each in fresh] == list(
        rows.order_by("position").values_list("source", "definition")
    ):
        return
    rows.delete()
    Connection.objects.using("owner").filter(source__in=[each.source for each in configs]).delete()
    rows.bulk_create(fresh)
    record(Event.CONNECTIONS_INSTALLED, by=by, using="owner", sources=[each.source for each in configs])
