"""Every address of the machines' door. Each operation says in its own file whom it answers (`declaring.operation`)."""

from django.urls import URLPattern, path

from amparo.interop.declaring import Asks, Declared
from amparo.interop.door import door
from amparo.interop.elsewhere import description, nowhere
from amparo.interop.every_operation import operations
from amparo.interop.problems import ANSWERS
from amparo.trust.types.modes import Part

for kind, answer in ANSWERS.items():
    operations.api.add_exception_handler(kind, answer)


def _behind_the_door(route: URLPattern, known: dict[str, Declared]) -> URLPattern:
    return path(str(route.pattern), door(route.callback, known), name=route.name)


def _declared(route: str) -> dict[str, Declared]:
    """Return method → operation of one route. One that was added past `declaring.operation` has none, and answers nobody."""
    return {
        method: each
        for (where, method), each in operations.declared.items()
        if where == route.replace("<", "{").replace(">", "}")
    }


def _open(method: str, route: str) -> dict[str, Declared]:
    return {method: Declared(method, route, Asks.NOTHING, part=Part.HOUSE)}


_OWN = [each for each in operations.api.urls[0] if each.name != "api-root"]
urlpatterns = [
    *(_behind_the_door(each, _declared(str(each.pattern))) for each in _OWN),
    path("v1/openapi.json", door(description, _open("GET", "v1/openapi.json")), name="api-description"),
    path("", door(nowhere, {}), name="api-root"),
    path("<path:rest>", door(nowhere, {}), name="api-nowhere"),
]
