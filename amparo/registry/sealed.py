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
# A value of contact is bound to whose record says it in which field, too: a row that was given to another opens no more.
CONTACT = SealedColumn(
    table="registry_contact",
    column="value",
    field_class="contact",
    place="'registry_contact.value:' || id || ':' || subject_id || ':' || field",
)
CONTACT_KEY = SealedColumn(
    table="registry_contact_key",
    column="value",
    field_class="contact-digest",
    place="'registry_contact_key.value:' || id",
    id_type="smallint",
)
SEALED = (IDENTIFIER, CONTACT, CONTACT_KEY)
