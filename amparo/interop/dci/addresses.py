"""Every address of the DCI server: under `/dci/v1/`, in each registry, by the standard's path and by the short one.

`/dci/v1/sr/registry/sync/search` and `/dci/v1/sr/sync/search` are one operation.
"""

from django.urls import URLPattern, path

from amparo.dci.codes import Action, Registry
from amparo.interop.dci import calling, description, enrolled, looking, places, status, token, told, updating
from amparo.interop.dci.door import Operation, view

IBR = (Registry.BENEFICIARY,)
OPERATIONS = (
    Operation("sync/search", Action.SEARCH, looking.search, Action.ON_SEARCH),
    Operation("search", Action.SEARCH, calling.search_later),
    Operation("sync/txn/status", Action.STATUS, status.status, Action.ON_STATUS),
    Operation("txn/status", Action.STATUS, calling.status_later),
    Operation("sync/enrolled", Action.SEARCH, enrolled.enrolled, Action.ON_SEARCH, registries=IBR),
    Operation(
        "sync/enrollment/updates", Action.NOTIFY, updating.updates, Action.ON_SEARCH, is_event=True, registries=IBR
    ),
    Operation("subscribe", Action.SUBSCRIBE, calling.subscribe_later),
    Operation("unsubscribe", Action.UNSUBSCRIBE, calling.unsubscribe_later),
)


def _of(operation: Operation, registry: Registry) -> list[URLPattern]:
    name = f"messages-{registry.value}-{operation.path.replace('/', '-')}"
    made = view(operation, registry)
    return [
        path(f"{registry.value}/registry/{operation.path}", made, name=name),
        path(f"{registry.value}/{operation.path}", made, name=f"{name}-short"),
    ]


def _beside(registry: Registry) -> list[URLPattern]:
    """Return the addresses of a registry that take no message."""
    before, name = f"{registry.value}/", f"messages-{registry.value}"
    return [
        path(f"{before}{token.PATH}", token.view(token.PATH), name=f"{name}-token"),
        *_well_known(before, name),
    ]


def _well_known(before: str, name: str) -> list[URLPattern]:
    told = {"jwks": places.jwks, "locations": places.locations}
    return [
        path(f"{before}.well-known/{each}.json", places.open_to_all(made, each), name=f"{name}-{each}")
        for each, made in told.items()
    ]


urlpatterns = [
    *(
        each
        for registry in Registry
        for operation in OPERATIONS
        if registry in operation.registries
        for each in _of(operation, registry)
    ),
    *(each for registry in Registry for each in _beside(registry)),
    *told.addresses(),
    path(token.PATH, token.view(token.PATH), name="messages-token"),
    *_well_known("", "messages"),
    path("openapi.json", places.open_to_all(description.described(OPERATIONS), "openapi"), name="messages-description"),
]
# The standard looks for these at the root of a host too.
at_the_root = _well_known("", "well-known")
