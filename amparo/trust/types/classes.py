"""What kinds of personal data there are, and which role may read which. Whoever stands in no line below reads none."""

from collections.abc import Mapping
from enum import StrEnum

from amparo.kernel.messages import Message, message
from amparo.trust.types.roles import Role


class FieldClass(StrEnum):
    """What kind of personal data a field is; policy and exports are written in these words."""

    IDENTITY = "identity"  # names, identifiers: never in a decision snapshot
    CONTACT = "contact"
    SENSITIVE = "sensitive"  # health, disability
    PROTECTION = "protection"  # addresses and moves of people in danger
    SITUATION = "situation"  # what rules read
    DECISION = "decision"  # what was decided about somebody, and whether they receive something
    PAYMENT = "payment"  # what was paid, and where to

    @property
    def words(self) -> Message:
        return message(f"trust-class-{self.value}")


_OF_A_RECORD = frozenset(FieldClass) - {FieldClass.PROTECTION}

# Who sees a record sees no more of it than their work needs. What protects people in danger is open to one role only.
READS: Mapping[Role, frozenset[FieldClass]] = {
    Role.OFFICER: _OF_A_RECORD,
    Role.SUPERVISOR: _OF_A_RECORD,
    Role.REGISTRY_MANAGER: _OF_A_RECORD,
    Role.PROTECTION_OFFICER: frozenset(FieldClass),
    Role.PROGRAMME_MANAGER: _OF_A_RECORD - {FieldClass.SENSITIVE},
    Role.PAYMENTS_OFFICER: frozenset({FieldClass.PAYMENT}),
    Role.PAYMENTS_APPROVER: frozenset({FieldClass.PAYMENT}),
    Role.APPEALS_OFFICER: _OF_A_RECORD,
}
