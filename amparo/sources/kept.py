"""Where sources keep personal data: answers until their day. They go with whoever is erased, and by themselves when it comes."""

from amparo.trust.keeping.kept import FoundBy, Holds, Kept, Leaves

KEPT = (
    Kept(
        "sources_keptanswer",
        Holds.KNOWN,
        FoundBy.PERSON,
        Leaves.NOTHING,
        columns=("value",),
        bare=("source", "field"),
        erase="DELETE FROM sources_keptanswer WHERE person_id = ANY(%(persons)s)",
    ),
    Kept(
        "sources_update",
        Holds.ROWS,
        FoundBy.PERSON,
        Leaves.NOTHING,
        bare=("source", "told", "happening", "fields"),
        erase="DELETE FROM sources_update WHERE person_id = ANY(%(persons)s)",
    ),
    Kept(
        "sources_retry",
        Holds.ROWS,
        FoundBy.HOUSEHOLD,
        Leaves.NOTHING,
        bare=("source", "purpose"),
        erase="DELETE FROM sources_retry WHERE household_id = ANY(%(households)s)",
    ),
)
