"""How long a session lives: a quarter of an hour without a request, half a day in all.

A session is a row on the server, and what somebody may do is read at each request: an ended role, a closed account, a
changed password and an end to all sessions hold from the next request on.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from amparo.kernel import clock
from amparo.trust.log.recording import record
from amparo.trust.queries import actor_of
from amparo.trust.types import Event

IDLE, LONGEST = timedelta(minutes=15), timedelta(hours=12)
# Written once a minute at most, so that not every page writes; idleness is counted from there, never to more than IDLE.
GRAIN = timedelta(minutes=1)
BEGUN, SEEN = "begun", "seen"  # keys of the session

View = Callable[[HttpRequest], HttpResponse]


def limited(get_response: View) -> View:
    """End a session whose time is over before anything else is asked of it."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if is_over(request.session):
                record(Event.SESSION_EXPIRED, by=actor_of(request.user, on=clock.today()))
                logout(request)
            else:
                note(request.session)
        return get_response(request)

    return answer


def is_over(session) -> bool:
    """Whether a session was idle for too long or is too old. One that was never asked anything begins now."""
    now = clock.now()
    begun, seen = (datetime.fromisoformat(session.get(each, now.isoformat())) for each in (BEGUN, SEEN))
    return now - begun >= LONGEST or now - seen >= IDLE


def note(session) -> None:
    """Note that a session was used."""
    now = clock.now()
    session.setdefault(BEGUN, now.isoformat())
    if SEEN not in session or now - datetime.fromisoformat(session[SEEN]) >= GRAIN:
        session[SEEN] = now.isoformat()
