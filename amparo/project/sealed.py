"""Every sealed column of Amparo, as its package declares it."""

from amparo.cases.sealed import SEALED as CASES
from amparo.intake.sealed import SEALED as INTAKE
from amparo.payments.sealed import SEALED as PAYMENTS
from amparo.programmes.sealed import SEALED as PROGRAMMES
from amparo.registry.sealed import SEALED as REGISTRY
from amparo.snapshot.sealed import SEALED as SNAPSHOT
from amparo.sources.sealed import SEALED as SOURCES
from amparo.trust.sealed import SEALED as TRUST

SEALED = (*REGISTRY, *PROGRAMMES, *PAYMENTS, *INTAKE, *CASES, *SNAPSHOT, *SOURCES, *TRUST)
