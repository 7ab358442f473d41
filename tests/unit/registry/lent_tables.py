"""The tables with people's rows that a partner may read under an agreement: written by hand, to be widened knowingly."""

LENT_TABLES = {
    "programmes_decision",
    "registry_fact_exception",
    "registry_fact_household",
    "registry_fact_person",
    "registry_groupmembership",
    "registry_household",
    "registry_identifier",
    "registry_membership",
    "registry_person",
    "trust_consent",
}
