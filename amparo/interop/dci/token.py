"""The token endpoint in the standard's own form: as the API's, but that `expires_in` is a text and an error has its code.

Source  RFC 6749, 4.4; the standard's authz interface 1.0.0
"""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from amparo.dci.codes import Error
from amparo.interop.bodies import FORM, JSON
from amparo.interop.declaring import Asks, Declared
from amparo.interop.door import door
from amparo.interop.operations.token import given
from amparo.trust.types.modes import Part

PATH = "oauth2/client/token"
_CODES = {400: Error.BAD, 401: Error.UNAUTHORIZED, 429: Error.TOO_MANY, 503: Error.UNAVAILABLE}


def token(request: HttpRequest) -> HttpResponse:
    """A token for some minutes, for a machine's secret or for a token that it signed."""
    response = given(request)
    told = json.loads(response.content)
    if response.status_code != 200:
        words = told.get("error_description") or told.get("title", "")
        code = _CODES.get(response.status_code, Error.BAD).value
        told = {"errors": [{"code": code, "message": words}], **told}
    else:
        told = told | {"token_type": "bearer", "expires_in": str(told["expires_in"])}
    answer = JsonResponse(told, status=response.status_code)
    for name in ("WWW-Authenticate", "Retry-After"):
        if name in response:
            answer[name] = response[name]
    return answer


def view(path: str):
    return csrf_exempt(door(token, {"POST": Declared("POST", path, Asks.NOTHING, (FORM, JSON), Part.HOUSE)}))
