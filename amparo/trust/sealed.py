"""Which columns of trust itself are sealed: partners' keys of pseudonyms, the secrets of second factors, and messages."""

from amparo.trust.grounds.pseudonyms import SEALED as PSEUDONYMS
from amparo.trust.identity.factor_secrets import SEALED as FACTORS
from amparo.trust.machines.kept_messages import SEALED as MESSAGES

SEALED = (*PSEUDONYMS, *FACTORS, *MESSAGES)
