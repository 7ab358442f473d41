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
from amparo.trust.types.events import (
    Event,
)
from amparo.trust.types.parties import (
    AreaConfig,
    ConsentKind,
    OrganisationConfig,
    PurposeConfig,
    ScheduleConfig,
    Side,
    Signatory,
)
from amparo.trust.types.roles import (
    APART,
    IMPERSONAL,
    PERMISSIONS,
    POWERFUL,
    SCOPE_KIND,
    Permission,
    Role,
    ScopeKind,
    role_named,
    stand_apart,
)

__all__ = [
    "APART",
    "IMPERSONAL",
    "PERMISSIONS",
    "POWERFUL",
    "SCOPE_KIND",
    "SYSTEM_ID",
    "Actor",
    "ActorKind",
    "AreaConfig",
    "ConsentKind",
    "Event",
    "Grant",
    "Ground",
    "GroundKind",
    "OrganisationConfig",
    "Permission",
    "PurposeConfig",
    "Role",
    "ScheduleConfig",
    "Scope",
    "ScopeKind",
    "Side",
    "Signatory",
    "partner",
    "role_named",
    "stand_apart",
    "system",
]
