"""Which columns of trust itself are sealed: partners' keys of pseudonyms, and the secrets of second factors."""

from amparo.trust.grounds.pseudonyms import SEALED as PSEUDONYMS
from amparo.trust.identity.factor_secrets import SEALED as FACTORS

SEALED = (*PSEUDONYMS, *FACTORS)
