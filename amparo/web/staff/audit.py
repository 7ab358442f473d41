"""The audit log for the auditor: who did what to whose record, when, and on what ground. Ids and codes, nobody's record."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amparo.trust.log.auditing import Asked, Line, latest_seal, search
from amparo.trust.queries import display_names
from amparo.trust.types import Event, Permission
from amparo.web.access import page
from amparo.web.days import day_field
from amparo.web.usernames import UsernameField

AT_ONCE = 50
# Of a household that was read, or of what a partner was handed: ids by which one may search on; elsewhere how many they were.
NAMED = ("households", "persons")


class AuditForm(forms.Form):
    """What is looked for; what is left empty is not asked about."""

    about = forms.UUIDField(
        label="web-audit-about",
        help_text="web-audit-about-hint",
        required=False,
        error_messages={"invalid": "web-audit-about-wrong"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    officer = UsernameField(
        "web-audit-officer", hint="web-audit-officer-hint", wrong="web-audit-officer-unknown", required=False
    )
    event = forms.ChoiceField(
        label="web-audit-event", required=False, error_messages={"invalid_choice": "web-audit-event-wrong"}
    )
    since = day_field("web-audit-since", wrong="web-audit-day-wrong", required=False)
    until = day_field("web-audit-until", wrong="web-audit-day-wrong", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event"].choices = [("", ""), *((each.value, each.value) for each in Event)]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("since") and given.get("until") and given["until"] < given["since"]:
            self.add_error("until", "web-audit-days-crossed")
        return given

    def asked(self) -> Asked:
        """The question as the log is asked: days count whole, from midnight to midnight in UTC."""
        given = self.cleaned_data
        return Asked(
            about=given["about"],
            by=given["officer"],
            event=Event(given["event"]) if given["event"] else None,
            since=_midnight(given["since"]),
            until=_midnight(given["until"] and given["until"] + timedelta(days=1)),
        )


def _midnight(day: Any) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


@page(Permission.READ_AUDIT)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """A page of the log, the newest first. Looking into it is written into it."""
    form = AuditForm(request.GET)
    found = search(form.asked(), by=request.by, after=_after(request), at_most=AT_ONCE) if form.is_valid() else []
    names = display_names(each.by_id for each in found if each.by_id)
    context = {
        "form": form,
        "listed": [(each, names.get(each.by_id), _told(each)) for each in found],
        "after": f"{found[-1].at.isoformat()}_{found[-1].id}" if len(found) == AT_ONCE else None,
        "is_first": "after" not in request.GET,
        "seal": latest_seal(),
    }
    return render(request, "web/audit.html", context, status=400 if form.errors else 200)


def _after(request: HttpRequest) -> tuple[datetime, UUID] | None:
    """Return where the page before ended; a mark that is none begins at the beginning."""
    at, _, id = request.GET.get("after", "").partition("_")
    try:
        instant = datetime.fromisoformat(at)
        return (instant, UUID(id)) if instant.tzinfo else None
    except ValueError:
        return None


def _told(line: Line) -> list[tuple[str, list[tuple[str, bool]]]]:
    """Return what a row says beside its columns: code, and its values, each marked where one can search for it."""
    return [
        (name, [(str(each), name in NAMED) for each in value] if isinstance(value, list) else [(str(value), False)])
        for name, value in line.details.items()
    ]
