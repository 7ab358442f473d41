"""Words of trust that cross its border: permissions, roles, scopes, actors, grounds, events."""

from amparo.trust.types.actors import (
    SYSTEM_ID,
    Actor,
    ActorKind,
    Grant,
    Ground,
    GroundKind,
    Scope,
    partner,
    system,
)
from amparo.trust.types.classes import READS, FieldClass
from amparo.trust.types.events import (
    Event,
)
from amparo.trust.types.parties import (
    AreaConfig,
    ConsentKind,
    OrganisationConfig,
    PurposeConfig,
    Side,
    Signatory,
)
from amparo.trust.types.roles import (
    APART,
    IMPERSONAL,
    OF_AREAS,
    PERMISSIONS,
    POWERFUL,
    SCOPE_KIND,
    Permission,
    Role,
    ScopeKind,
    role_named,
    stand_apart,
)
from amparo.trust.types.states import SEES, Standing

__all__ = [
    "APART",
    "IMPERSONAL",
    "OF_AREAS",
    "PERMISSIONS",
    "POWERFUL",
    "READS",
    "SCOPE_KIND",
    "SEES",
    "SYSTEM_ID",
    "Actor",
    "ActorKind",
    "AreaConfig",
    "ConsentKind",
    "Event",
    "FieldClass",
    "Grant",
    "Ground",
    "GroundKind",
    "OrganisationConfig",
    "Permission",
    "PurposeConfig",
    "Role",
    "Scope",
    "ScopeKind",
    "Side",
    "Signatory",
    "Standing",
    "partner",
    "role_named",
    "stand_apart",
    "system",
]
