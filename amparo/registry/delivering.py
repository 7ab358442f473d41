"""What is told has come from a source, now, through somebody, on a ground: part of whatever act records it."""

from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.registry import queries
from amparo.registry.models import Delivery
from amparo.trust.types import Actor, Ground


def new_delivery(source: str, *, by: Actor, under: Ground) -> Delivery:
    """Write down that a source tells something now, by whom and on what ground."""
    return Delivery.objects.create(
        source_id=source_id_of(source),
        received_at=clock.now(),
        delivered_by=by.id,
        purpose=under.purpose,
        agreement=under.agreement or "",
    )


def source_id_of(code: str) -> int:
    """Return the number of a source. Raises Refused where there is none."""
    try:
        return queries.sources()[code]
    except KeyError:
        raise Refused("registry-source-unknown", source=code, field="") from None
