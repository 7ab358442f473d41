"""Every sealed column of Amparo, as its package declares it."""

from amparo.cases.sealed import SEALED as CASES
from amparo.intake.sealed import SEALED as INTAKE
from amparo.programmes.sealed import SEALED as PROGRAMMES
from amparo.registry.sealed import SEALED as REGISTRY
from amparo.snapshot.sealed import SEALED as SNAPSHOT
from amparo.trust.grounds.pseudonyms import SEALED as TRUST

SEALED = (*REGISTRY, *PROGRAMMES, *INTAKE, *CASES, *SNAPSHOT, *TRUST)
