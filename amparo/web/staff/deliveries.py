"""Deliveries: sending files in, watching them being worked on, and what came of them."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from amparo.intake import actions, letting_in, queries
from amparo.intake.letting_in import ERASED
from amparo.intake.tasks import run_batch
from amparo.intake.types import Batch, Phase, QuarantinedRow, State
from amparo.kernel import clock
from amparo.kernel.errors import Refused
from amparo.kernel.messages import Message
from amparo.profiles.languages import written
from amparo.registry.dictionary import Dictionary
from amparo.registry.queries import dictionary
from amparo.trust.types import Permission
from amparo.web import country, presenting, refusals
from amparo.web.access import page
from amparo.web.days import day_field

MANIFESTS = (".manifest.toml", ".manifest.json")
PHASES = tuple(Phase)
GROUPS = ("groups-new", "groups-ended", "group-memberships", "group-memberships-ended")
Words = Message | str


class Files(forms.FileField):
    """One or more files."""

    widget = forms.ClearableFileInput

    def clean(self, uploaded: Sequence[UploadedFile], initial: Any = None) -> list[UploadedFile]:
        if not uploaded:
            raise forms.ValidationError("web-delivery-files-missing")
        return [super(Files, self).clean(each, initial) for each in uploaded]


class FilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, posted, files, name: str) -> list[UploadedFile]:
        return files.getlist(name)


class DeliveryForm(forms.Form):
    """How the files are to be read, the files themselves, and the day they speak of where they do not say it."""

    mapping = forms.ChoiceField(
        label="web-delivery-mapping",
        help_text="web-delivery-mapping-hint",
        error_messages={"required": "web-delivery-mapping-missing", "invalid_choice": "web-delivery-mapping-missing"},
    )
    files = Files(
        label="web-delivery-files",
        help_text="web-delivery-files-hint",
        widget=FilesInput(attrs={"multiple": True}),
        error_messages={"empty": "web-delivery-file-empty", "max_length": "web-delivery-file-name-long"},
        max_length=200,
    )
    observed_on = day_field("web-delivery-day", hint="web-delivery-day-hint", wrong="web-day-wrong", required=False)

    def __init__(self, *args, language: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        named = {each: presenting.worded(f"mapping-{each}", each) for each in country.profile().mappings}
        self.fields["mapping"].choices = [(each, written(words, language)) for each, words in named.items()]

    def clean_files(self) -> list[UploadedFile]:
        names = [each.name for each in self.cleaned_data["files"]]
        if len(set(names)) < len(names):
            raise forms.ValidationError("web-delivery-file-twice")
        return self.cleaned_data["files"]

    def clean_observed_on(self) -> date | None:
        day = self.cleaned_data["observed_on"]
        if day and day > clock.today():
            raise forms.ValidationError("web-day-ahead")
        return day


@page(Permission.READ_DELIVERIES)
@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    listed = [_line(each) for each in queries.batches(by=request.by)]
    return render(request, "web/deliveries.html", {"listed": listed})


@page(Permission.DELIVER)
@require_http_methods(["GET", "HEAD", "POST"])
def deliver(request: HttpRequest) -> HttpResponse:
    """Take files in; the worker does the rest. What is wrong with them as a whole is said beside the form."""
    form = DeliveryForm(request.POST or None, request.FILES or None, language=request.language)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            received = _received(request, form.cleaned_data)
        except Refused as refused:
            refusal = refusals.in_words(request, refused)
        else:
            address = resolve_url("delivery", id=received.batch_id)
            return redirect(address if received.is_new else f"{address}?again=1")
    status = 400 if form.errors or refusal else 200
    return render(request, "web/deliver.html", {"form": form, "refusal": refusal}, status=status)


def _received(request: HttpRequest, wanted: dict[str, Any]) -> Any:
    name = wanted["mapping"]
    with _laid_out(wanted["files"]) as paths:
        received = actions.receive(
            paths,
            country.profile().mappings[name],
            name=name,
            observed_on=wanted["observed_on"],
            by=request.by,
        )
    if received.is_new:
        run_batch.defer(batch_id=str(received.batch_id))
    return received


@contextmanager
def _laid_out(files: Sequence[UploadedFile]) -> Iterator[dict[str, Path]]:
    """Lay uploaded files out by number, each with its manifest beside it; return delivered name → path.

    Manifests are told by their names, `<file>.manifest.toml` or `.json`. Nothing is copied that a link can hold.
    """
    folder = Path(mkdtemp(prefix="upload-", dir=settings.DELIVERY_FOLDER))
    try:
        delivered = [each for each in files if not each.name.endswith(MANIFESTS)]
        paths = {each.name: folder / str(number) for number, each in enumerate(delivered)}
        for each in files:
            ending = next((ending for ending in MANIFESTS if each.name.endswith(ending)), "")
            whose = each.name.removesuffix(ending) if ending else each.name
            if whose not in paths:
                raise Refused("web-delivery-manifest-alone", file=each.name)
            _take(each, paths[whose].with_name(paths[whose].name + ending))
        yield paths
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _take(file: UploadedFile, target: Path) -> None:
    try:
        os.link(file.temporary_file_path(), target)
    except (AttributeError, OSError):
        with target.open("wb") as copy:
            for chunk in file.chunks():
                copy.write(chunk)


@page(Permission.READ_DELIVERIES)
@require_safe
def delivery(request: HttpRequest, id: UUID) -> HttpResponse:
    """One delivery: how far it is, and its receipt once it is over."""
    batch = queries.batch(id, by=request.by)
    context = _told(request, batch) | {
        "again": "again" in request.GET,
        "is_stopping": "stopping" in request.GET and _is_under_way(batch),
        "is_still": "still" in request.GET,
        "quarantined": queries.quarantine_count(id, by=request.by) if batch.state is State.DONE else 0,
    }
    return render(request, "web/delivery.html", context)


@page(Permission.READ_DELIVERIES)
@require_safe
def progress(request: HttpRequest, id: UUID) -> HttpResponse:
    """The part of a delivery's page that changes while it is worked on; the whole page once it no longer is."""
    batch = queries.batch(id, by=request.by)
    if not _is_under_way(batch):
        return HttpResponseClientRefresh()
    return render(request, "web/parts/delivery_progress.html", _told(request, batch))


def _told(request: HttpRequest, batch: Batch) -> dict[str, Any]:
    reached = PHASES.index(batch.phase)
    return {
        "batch": batch,
        "is_under_way": _is_under_way(batch),
        "phases": [(each.value, place <= reached, place == reached + 1) for place, each in enumerate(PHASES)],
        "whole": reached + 1,
        "of": len(PHASES),
        "source": presenting.worded(f"source-{batch.source}", batch.source),
        "refusal": refusals.in_words(request, Refused(batch.refusal.id, **batch.refusal.values))
        if batch.refusal
        else None,
        "kinds": _kinds(batch.receipt or {}),
        "groups": _groups(batch.receipt or {}),
        **_met(batch.receipt or {}),
    }


def _is_under_way(batch: Batch) -> bool:
    return batch.state in (State.WAITING, State.WORKING)


def _kinds(receipt: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the receipt counts of rows, households, persons and items, for a table."""
    wanted = ("rows", "households", "persons", "items")
    return [{"kind": each, **receipt[each]} for each in wanted if isinstance(receipt.get(each), dict)]


def _groups(receipt: dict[str, Any]) -> list[tuple[Message, int]]:
    """Return what became of families and couples, in words with a count; nothing where the delivery left them alone."""
    counts = [receipt.get("registry", {}).get(each, 0) for each in GROUPS]
    return [(Message(f"web-receipt-{each}"), count) for each, count in zip(GROUPS, counts, strict=True) if any(counts)]


def _met(receipt: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the reasons and the warnings that a receipt counts, each in words."""
    labels = _labels(dictionary())
    return {
        what: [{"words": _named(queries.reason_counted(each), labels), **each} for each in receipt.get(what, ())]
        for what in ("reasons", "warnings")
    }


def _labels(words: Dictionary) -> dict[str, Words]:
    """Return the words of every field and every kind of identifier."""
    labels = {field.name: presenting.worded(field.label_id, field.name) for field in words.fields}
    return labels | {each.scheme: presenting.worded(f"identifier-{each.scheme}", each.scheme) for each in words.schemes}


def _named(reason: Message, labels: dict[str, Words]) -> Message:
    """Return a reason with the words of the field that it is about."""
    field = reason.values.get("field")
    return Message(
        reason.id, {**reason.values, "field": labels.get(field, field)} if isinstance(field, str) else reason.values
    )


def _line(batch: Batch) -> dict[str, Any]:
    rows = (batch.receipt or {}).get("rows", {})
    return {
        "batch": batch,
        "source": presenting.worded(f"source-{batch.source}", batch.source),
        "delivered": rows.get("delivered"),
        "quarantined": rows.get("quarantined"),
    }


@page(Permission.DELIVER)
@require_POST
def stop(request: HttpRequest, id: UUID) -> HttpResponse:
    actions.stop(id, by=request.by)
    return redirect(f"{resolve_url('delivery', id=id)}?stopping=1")


@page(Permission.DELIVER)
@require_POST
def resume(request: HttpRequest, id: UUID) -> HttpResponse:
    actions.resume(id, by=request.by)
    run_batch.defer(batch_id=str(id))
    return redirect("delivery", id=id)


@page(Permission.READ_DELIVERIES)
@require_safe
def receipt(request: HttpRequest, id: UUID) -> HttpResponse:
    """The receipt as a file: counts and reasons, nobody's data."""
    batch = queries.batch(id, by=request.by)
    if batch.receipt is None:
        raise Refused("web-delivery-no-receipt")
    text = json.dumps(batch.receipt, ensure_ascii=False, indent=2, default=str)
    name = f"receipt-{batch.received_at.date().isoformat()}-{str(id)[-6:]}.json"
    return HttpResponse(
        text,
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@page(Permission.READ_QUARANTINE, personal=True)
@require_safe
def quarantine(request: HttpRequest, id: UUID) -> HttpResponse:
    """The rows that were set aside: where each stood, why, and what was delivered."""
    after = request.GET.get("after", "-1")
    after = int(after) if after.lstrip("-").isdecimal() and len(after) < 19 else -1
    rows, labels = queries.quarantine(id, by=request.by, under=request.under, after=after), _labels(dictionary())
    context = {
        "batch": queries.batch(id, by=request.by),
        "rows": [_row(row, labels) | {"position": position} for position, row in rows],
        "after": rows[-1][0] if len(rows) == queries.PAGE else None,
        "is_first": after < 0,
    }
    return render(request, "web/quarantine.html", context)


def _row(row: QuarantinedRow, labels: dict[str, Words]) -> dict[str, Any]:
    """Return a row set aside, its reasons with the words of the fields they are about."""
    is_cells = not isinstance(row.original, str)
    return {
        "file": row.file,
        "line": row.line,
        "reasons": [_named(each, labels) for each in row.reasons],
        "cells": list(row.original.items()) if is_cells else [],
        "line_text": "" if is_cells else row.original,
        "withheld": row.withheld,
        "is_erased": any(each.id == ERASED for each in row.reasons),
    }


@page(Permission.READ_QUARANTINE, personal=True)
@require_POST
def let_in(request: HttpRequest, id: UUID, position: int) -> HttpResponse:
    """Let deliveries bring somebody again who was erased."""
    ground = request.POST.get("ground", "")[:400]
    letting_in.admit(id, position, ground=ground, by=request.actor, under=request.under)
    return redirect("quarantine", id=id)
