"""Signatures beside requests and answers, in a header: asked of a machine that must sign, given to whoever asks for one."""

from django.http import HttpRequest, HttpResponse

from amparo.trust.machines.asking import Caller
from amparo.trust.machines.jose import NotBelieved, Why
from amparo.trust.machines.signed_messages import Message, expect_signed, signed
from amparo.trust.origin import here

SIGNATURE = "Amparo-Signature"
WANTED = "Amparo-Sign"  # `answer`: sign what comes back


def expect(request: HttpRequest, who: Caller) -> None:
    """Raise NotBelieved unless a request is signed as it must be. One that is signed without need must hold as well."""
    signature = request.headers.get(SIGNATURE)
    if signature is None and not who.must_sign:
        return
    if signature is None:
        raise NotBelieved(Why.UNSIGNED)
    message = Message(here(request), request.method, request.get_full_path(), request.body)
    request.signed_name = expect_signed(signature, message, sender=who.machine)


def sign(request: HttpRequest, response: HttpResponse) -> None:
    """Sign an answer to a machine that was let in and asks for it."""
    who = getattr(request, "auth", None)
    if isinstance(who, Caller) and request.headers.get(WANTED) == "answer":
        answers = getattr(request, "signed_name", "")
        response[SIGNATURE] = signed(
            response.content, receiver=who.machine, status=response.status_code, answers=answers
        )
