"""Every page. Each view says in its own file which permission it needs (`access.page`) or that none (`access.public`)."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from amparo.web.staff import (
    agreements,
    consents,
    decisions,
    deliveries,
    drafts,
    find,
    home,
    households,
    language,
    letters,
    notices,
    purpose,
    rules,
    runs,
    sign_in,
)


class AreaCode(StringConverter):
    """A code as a country writes it, but for the slash, and for the zero byte that no database takes."""

    regex = r"[^/\x00]+"


register_converter(AreaCode, "area")

urlpatterns = [
    path("", home.home, name="home"),
    path("account/sign-in/", sign_in.sign_in, name="account_login"),
    path("account/sign-out/", sign_in.sign_out, name="account_logout"),
    path("areas/<area:code>/", home.in_area, name="area"),
    path("purpose/", purpose.purpose, name="purpose"),
    path("find/", find.find, name="find"),
    path("find/<area:code>/", find.in_area, name="find-in-area"),
    path("households/<uuid:id>/", households.household, name="household"),
    path("households/<uuid:id>/history/", households.history, name="household-history"),
    path("households/<uuid:id>/people/<uuid:person_id>/", households.person, name="person"),
    path("households/<uuid:id>/would-be/<slug:programme>/<uuid:unit_id>/", decisions.would_be, name="would-be"),
    path("decisions/", decisions.decisions, name="decisions"),
    path("decisions/export/", decisions.export, name="decisions-export"),
    path("decisions/<uuid:id>/", decisions.decision, name="decision"),
    path("decisions/<uuid:id>/explanation/", letters.explanation, name="explanation"),
    path("decisions/<uuid:id>/explanation.pdf", letters.on_paper, name="explanation-pdf"),
    path("decisions/<uuid:id>/notice/", notices.give, name="decision-notice"),
    path("notices/<uuid:id>/", notices.notice, name="notice"),
    path("notices/<uuid:id>/reply/", notices.reply, name="notice-reply"),
    path("notices/<uuid:id>/review/", notices.review, name="notice-review"),
    path("runs/", runs.runs, name="runs"),
    path("runs/new/", runs.plan, name="run-plan"),
    path("runs/<uuid:id>/", runs.run, name="run"),
    path("runs/<uuid:id>/progress/", runs.progress, name="run-progress"),
    path("runs/<uuid:id>/approve/", runs.approve, name="run-approve"),
    path("runs/<uuid:id>/start/", runs.start, name="run-start"),
    path("runs/<uuid:id>/stop/", runs.stop, name="run-stop"),
    path("rules/", rules.rules, name="rules"),
    path("rules/drafts/<uuid:id>/", drafts.draft, name="draft"),
    path("rules/drafts/<uuid:id>/edit/", drafts.edit, name="draft-edit"),
    path("rules/drafts/<uuid:id>/try/", drafts.try_typed, name="draft-try"),
    path("rules/drafts/<uuid:id>/try/household/", drafts.try_household, name="draft-try-household"),
    path("rules/drafts/<uuid:id>/measure/", drafts.measure, name="draft-measure"),
    path("rules/drafts/<uuid:id>/propose/", drafts.propose, name="draft-propose"),
    path("rules/drafts/<uuid:id>/publish/", drafts.publish, name="draft-publish"),
    path("rules/drafts/<uuid:id>/discard/", drafts.discard, name="draft-discard"),
    path("rules/<slug:kind>/<slug:code>/", rules.thing, name="rule"),
    path("rules/<slug:kind>/<slug:code>/export/", rules.export, name="rule-export"),
    path("rules/<slug:kind>/<slug:code>/draft/", drafts.begin, name="draft-begin"),
    path("rules/<slug:kind>/<slug:code>/<int:id>/", rules.version, name="rule-version"),
    path("agreements/", agreements.agreements, name="agreements"),
    path("agreements/new/", agreements.draft, name="agreement-draft"),
    path("agreements/partners/", agreements.add_organisation, name="organisation-add"),
    path("agreements/<uuid:id>/", agreements.agreement, name="agreement"),
    path("agreements/<uuid:id>/draft/", agreements.redraft, name="agreement-redraft"),
    path("agreements/<uuid:id>/sign/", agreements.sign, name="agreement-sign"),
    path("agreements/<uuid:id>/suspend/", agreements.suspend, name="agreement-suspend"),
    path("agreements/<uuid:id>/resume/", agreements.resume, name="agreement-resume"),
    path("agreements/<uuid:id>/end/", agreements.end, name="agreement-end"),
    path("households/<uuid:id>/people/<uuid:person_id>/consents/", consents.consents, name="consents"),
    path(
        "households/<uuid:id>/people/<uuid:person_id>/consents/<uuid:consent>/withdraw/",
        consents.withdraw,
        name="consent-withdraw",
    ),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/new/", deliveries.deliver, name="deliver"),
    path("deliveries/<uuid:id>/", deliveries.delivery, name="delivery"),
    path("deliveries/<uuid:id>/progress/", deliveries.progress, name="delivery-progress"),
    path("deliveries/<uuid:id>/stop/", deliveries.stop, name="delivery-stop"),
    path("deliveries/<uuid:id>/resume/", deliveries.resume, name="delivery-resume"),
    path("deliveries/<uuid:id>/receipt/", deliveries.receipt, name="delivery-receipt"),
    path("deliveries/<uuid:id>/quarantine/", deliveries.quarantine, name="quarantine"),
    path("language/<slug:code>/", language.choose, name="language"),
]

handler400 = "amparo.web.refusals.bad_request"
handler403 = "amparo.web.refusals.permission_denied"
handler404 = "amparo.web.refusals.page_not_found"
handler429 = "amparo.web.refusals.too_many"
handler500 = "amparo.web.refusals.server_error"
