"""Tables of trust, by what they are for."""

from amparo.trust.models.accounts import Account, Accounts, Delegation, FactorSecret, Guess, Identity, RoleAssignment
from amparo.trust.models.agreements import (
    Agreement,
    AgreementChange,
    AgreementSignature,
    Consent,
    ConsentText,
    Exchange,
    Organisation,
)
from amparo.trust.models.citizens import Citizen, Delay, Invitation, Mandate
from amparo.trust.models.country import Area, Purpose, Setting
from amparo.trust.models.impact import ImpactAnswer, ImpactAssessment, ImpactSignature, Stage
from amparo.trust.models.keeping import Erasure, Hold, Schedule
from amparo.trust.models.log import Audit, Seal
from amparo.trust.models.machines import Credential, Machine
from amparo.trust.models.messages import Call, KeptMessage, Peer, Subscription
from amparo.trust.models.watching import Alert, AlertStep, Breach, BreachAct, BreachStep

__all__ = [
    "Account",
    "Accounts",
    "Agreement",
    "AgreementChange",
    "AgreementSignature",
    "Alert",
    "AlertStep",
    "Area",
    "Audit",
    "Breach",
    "BreachAct",
    "BreachStep",
    "Call",
    "Citizen",
    "Consent",
    "ConsentText",
    "Credential",
    "Delay",
    "Delegation",
    "Erasure",
    "Exchange",
    "FactorSecret",
    "Guess",
    "Hold",
    "Identity",
    "ImpactAnswer",
    "ImpactAssessment",
    "ImpactSignature",
    "Invitation",
    "KeptMessage",
    "Machine",
    "Mandate",
    "Organisation",
    "Peer",
    "Purpose",
    "RoleAssignment",
    "Schedule",
    "Seal",
    "Setting",
    "Stage",
    "Subscription",
]
