"""Which columns of the registry are sealed."""

from amparo.registry.schemes import normalised_identifier
from amparo.trust.keys.sealed import BlindIndex, SealedColumn

IDENTIFIER = SealedColumn(
    table="registry_identifier",
    column="value",
    field_class="identity",
    place="'registry_identifier.value:' || id",
    blind=BlindIndex(
        "blind_index", "spare_index", "scheme", normalised_identifier, forget="SELECT amparo_forget_digests(%b)"
    ),
)
SEALED = (IDENTIFIER,)
