"""The form of a draft: its day, its law, and by its kind a rule, a figure, or grids of rows."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django import forms

from amparo.kernel.errors import Refused
from amparo.profiles.drafts import figure, figure_text
from amparo.programmes.queries import authoring
from amparo.programmes.types import Draft
from amparo.registry.dictionary import Type
from amparo.registry.queries import dictionary
from amparo.web import grids
from amparo.web.days import day_field
from amparo.web.grids import Grid

LONGEST, NO_DAY = 50_000, "web-draft-day-missing"
QUESTIONS, POINTS = ("name", "input", "places"), ("question", "answer", "points")


def _text(label: str, hint: str, *, rows: int = 0, **settings: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows, "class": "amparo-code", "spellcheck": "false", "dir": "ltr"})
    errors = {"required": "web-draft-text-missing", "max_length": "web-draft-text-long"}
    settings = {"max_length": LONGEST, "strip": True} | settings
    return forms.CharField(
        label=label, help_text=hint, widget=area if rows else forms.TextInput(), error_messages=errors, **settings
    )


class DraftForm(forms.Form):
    """What every draft has. `grids` are beside the fields, because rows come and go."""

    starts_on = day_field("web-draft-from", hint="web-draft-from-hint", wrong=NO_DAY)
    law = _text("web-draft-law", "web-draft-law-hint", max_length=200)
    ends_on = day_field("web-draft-until", hint="web-draft-until-hint", wrong=NO_DAY, required=False)
    cases = _text("web-draft-cases", "web-draft-cases-hint", rows=6, required=False)

    def __init__(self, of: Draft, sent: Mapping[str, str] | None, more: dict[str, forms.Field], initial: Any) -> None:
        names = ("starts_on", "ends_on", "law", "cases")
        super().__init__(sent, initial={name: getattr(of, name) for name in names} | initial)
        self.of, self.grids = of, list[Grid]()
        self.fields |= more
        self.content: Callable[[], dict[str, Any]] = dict

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            try:
                self.said = self.content()
            except Refused:
                self.add_error("value" if "value" in self.fields else None, "web-draft-value-wrong")
        return self.cleaned_data

    def draft(self) -> Draft:
        """Return the draft as it was typed, not yet written."""
        names = ("starts_on", "law", "cases")
        ends_on = self.cleaned_data.get("ends_on")
        return replace(self.of, ends_on=ends_on, content=self.said, **{each: self.cleaned_data[each] for each in names})


def form_of(of: Draft, sent: Mapping[str, str] | None) -> DraftForm:
    """Return the form of a draft, filled in from what it says or from what was sent."""
    return {"rule": _rule, "parameter": _parameter, "table": _table, "score": _score}[of.kind](of, sent)


def _rule(of: Draft, sent: Mapping[str, str] | None) -> DraftForm:
    more = {
        "rule": _text("web-draft-rule", "web-draft-rule-hint", rows=10),
        "amount": _text("web-draft-amount", "web-draft-amount-hint", rows=5, required=False),
    }
    form = DraftForm(of, sent, more, dict(of.content))
    form.content = lambda: {name: form.cleaned_data[name].replace("\r\n", "\n") for name in more}
    return form


def _parameter(of: Draft, sent: Mapping[str, str] | None) -> DraftForm:
    parameter, decimals = authoring.standing_now().thing("parameter", of.code), dictionary().decimals
    value = _text("web-draft-value", f"web-draft-value-{parameter.type.value}", max_length=200)
    shown = figure_text(of.content["value"], parameter.type, decimals)
    form = DraftForm(of, sent, {"value": value}, {"value": shown})
    del form.fields["ends_on"]
    form.content = lambda: {"value": figure(form.cleaned_data["value"], parameter.type, decimals)}
    return form


def _table(of: Draft, sent: Mapping[str, str] | None) -> DraftForm:
    table = authoring.standing_now().thing("table", of.code)
    form = DraftForm(of, sent, {}, {})
    form.grids = [_grid("rows", (*(each.name for each in table.inputs), "answer"), of.content["rows"], sent)]
    form.content = lambda: {"rows": form.grids[0].drawing}
    return form


def _score(of: Draft, sent: Mapping[str, str] | None) -> DraftForm:
    """Questions, and for each variant where it holds, its constant and its points."""
    more = {"chosen_by": _text("web-draft-chosen-by", "web-draft-chosen-by-hint", required=False, max_length=2_000)}
    initial = {"chosen_by": of.content["chosen_by"]}
    for place, each in enumerate(of.content["variants"]):
        more[f"where-{place}"] = _text("web-draft-where", "web-draft-where-hint", max_length=200)
        more[f"constant-{place}"] = _text("web-draft-constant", "web-draft-constant-hint", max_length=40)
        initial |= {f"where-{place}": each["cell"], f"constant-{place}": each["constant"]}
    form = DraftForm(of, sent, more, initial)
    asked = [[each["name"], each["input"], str(each["places"] or "")] for each in of.content["questions"]]
    questions = grids.posted("questions", QUESTIONS, sent) if sent else grids.of_rows("questions", QUESTIONS, asked)
    form.grids = [_acted(questions, sent)] + [
        _grid(f"points-{place}", POINTS, each["rows"], sent) for place, each in enumerate(of.content["variants"])
    ]
    form.content = lambda: _score_content(form)
    return form


def _score_content(form: DraftForm) -> dict[str, Any]:
    questions, *variants = form.grids
    typed = form.cleaned_data
    return {
        "chosen_by": typed["chosen_by"] or None,
        "questions": [
            {"name": name, "input": text, "places": figure(places or "0", Type.INTEGER, 0)}
            for name, text, places in questions.rows
        ],
        "variants": [
            {"cell": typed[f"where-{place}"], "constant": typed[f"constant-{place}"], "rows": each.drawing}
            for place, each in enumerate(variants)
        ],
    }


def _grid(name: str, columns: tuple[str, ...], drawing: str, sent: Mapping[str, str] | None) -> Grid:
    return _acted(grids.posted(name, columns, sent) if sent else grids.of_drawing(name, drawing, columns), sent)


def _acted(grid: Grid, sent: Mapping[str, str] | None) -> Grid:
    return grid.acted(sent.get("act", "")) if sent else grid
