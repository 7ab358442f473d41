"""Every place of personal data in Amparo, as its package declares it, in the order in which an erasure empties them.

What opens rows that are linked to nobody comes first, while it is still known whom to look for; the registry comes last.
"""

from amparo.cases.kept import KEPT as CASES
from amparo.cases.kept import LAPSES as OF_CASES
from amparo.cases.kept import still_open
from amparo.intake.kept import KEPT as INTAKE
from amparo.intake.kept import LAPSES as OF_INTAKE
from amparo.notices.kept import KEPT as NOTICES
from amparo.notices.kept import LAPSES as OF_NOTICES
from amparo.payments.kept import KEPT as PAYMENTS
from amparo.payments.kept import being_paid
from amparo.programmes.kept import KEPT as PROGRAMMES
from amparo.programmes.kept import LAPSES as OF_PROGRAMMES
from amparo.programmes.kept import open_to_appeal, rested_on
from amparo.registry.erased import LAPSES as OF_ERASED
from amparo.registry.erased import keep, numbers
from amparo.registry.kept import KEPT as REGISTRY
from amparo.registry.kept import LAPSES as OF_REGISTRY
from amparo.registry.kept import SOURCES_LOCKED, fields_of, reach, refold
from amparo.snapshot.kept import NONE_TAKEN, kept, waiting
from amparo.sources.kept import KEPT as SOURCES
from amparo.trust.keeping.erasable import Erasing
from amparo.trust.keeping.places import KEPT as TRUST
from amparo.trust.keeping.places import LAPSES as OF_TRUST

KEPT = (*INTAKE, *CASES, *NOTICES, *SOURCES, *PAYMENTS, *PROGRAMMES, *kept(rested_on), *TRUST, *REGISTRY)
LAPSES = (*OF_REGISTRY, *OF_INTAKE, *OF_PROGRAMMES, *OF_CASES, *OF_NOTICES, *OF_TRUST, *OF_ERASED)
ERASING = Erasing(
    KEPT,
    reach,
    (open_to_appeal, being_paid, still_open),
    waiting,
    LAPSES,
    fields_of,
    refold,
    numbers,
    keep,
    locks=(NONE_TAKEN, SOURCES_LOCKED),
)
