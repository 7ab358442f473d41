"""Every page. Each view says in its own file which permission it needs (`access.page`) or that none (`access.public`)."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from amparo.web.staff import (
    account,
    audit,
    confirming,
    decisions,
    deliveries,
    drafts,
    factors,
    find,
    home,
    households,
    language,
    letters,
    notices,
    officers,
    provider,
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
    path("account/", account.account, name="account"),
    path("account/password/", account.password, name="account-password"),
    path("account/sign-out-everywhere/", account.sign_out_everywhere, name="account-sign-out-everywhere"),
    path("account/confirm/", confirming.confirm, name="account-confirm"),
    path("account/second-factor/", confirming.second_factor, name="mfa_authenticate"),
    path("account/passkey/", confirming.passkey_sign_in, name="passkey-sign-in"),
    path("account/provider/", provider.begin, name="provider-begin"),
    path("account/provider/return/", provider.returned, name="provider-return"),
    path("account/factors/", factors.factors, name="factors"),
    path("account/factors/app/", factors.app, name="factor-app"),
    path("account/factors/passkey/", factors.passkey, name="factor-passkey"),
    path("account/factors/codes/", factors.recovery_codes, name="factor-codes"),
    path("account/factors/<int:id>/remove/", factors.remove, name="factor-remove"),
    path("officers/", officers.officers, name="officers"),
    path("officers/open/", officers.open_one, name="officer-open"),
    path("officers/<uuid:id>/", officers.officer, name="officer"),
    path("officers/<uuid:id>/role/", officers.grant, name="officer-grant"),
    path("officers/<uuid:id>/role/<int:assignment>/confirm/", officers.confirm, name="officer-confirm"),
    path("officers/<uuid:id>/role/<int:assignment>/end/", officers.end, name="officer-end"),
    path("officers/<uuid:id>/identity/", officers.link, name="officer-identity"),
    path("officers/<uuid:id>/identity/remove/", officers.unlink, name="officer-identity-remove"),
    path("officers/<uuid:id>/password/", officers.password, name="officer-password"),
    path("officers/<uuid:id>/factors/", officers.lose_factors, name="officer-factors"),
    path("officers/<uuid:id>/sign-out/", officers.sign_out, name="officer-sign-out"),
    path("officers/<uuid:id>/close/", officers.close, name="officer-close"),
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
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/new/", deliveries.deliver, name="deliver"),
    path("deliveries/<uuid:id>/", deliveries.delivery, name="delivery"),
    path("deliveries/<uuid:id>/progress/", deliveries.progress, name="delivery-progress"),
    path("deliveries/<uuid:id>/stop/", deliveries.stop, name="delivery-stop"),
    path("deliveries/<uuid:id>/resume/", deliveries.resume, name="delivery-resume"),
    path("deliveries/<uuid:id>/receipt/", deliveries.receipt, name="delivery-receipt"),
    path("deliveries/<uuid:id>/quarantine/", deliveries.quarantine, name="quarantine"),
    path("audit/", audit.audit, name="audit"),
    path("language/<slug:code>/", language.choose, name="language"),
]

handler400 = "amparo.web.refusals.bad_request"
handler403 = "amparo.web.refusals.permission_denied"
handler404 = "amparo.web.refusals.page_not_found"
handler429 = "amparo.web.refusals.too_many"
handler500 = "amparo.web.refusals.server_error"
