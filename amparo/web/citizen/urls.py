"""The citizens' pages, all under `mine/`; the way in for whoever was invited lies beside the other ways in."""

from django.urls import path

from amparo.web.citizen import (
    acting,
    cases,
    consents,
    copy,
    decisions,
    held,
    invitation,
    looked,
    reporting,
    start,
    usage,
)

urlpatterns = [
    path("mine/", start.start, name="mine"),
    path("mine/whom/", start.choose, name="mine-whom"),
    path("mine/held/", held.held, name="mine-held"),
    path("mine/home/", held.home, name="mine-home"),
    path("mine/looked/", looked.looked, name="mine-looked"),
    path("mine/looked.csv", looked.as_file, name="mine-looked-file"),
    path("mine/consents/", consents.consents, name="mine-consents"),
    path("mine/consents/<uuid:id>/withdraw/", consents.withdraw, name="mine-consent-withdraw"),
    path("mine/decisions/", decisions.decisions, name="mine-decisions"),
    path("mine/decisions/<uuid:id>/", decisions.decision, name="mine-decision"),
    path("mine/decisions/<uuid:id>.pdf", decisions.on_paper, name="mine-decision-pdf"),
    path("mine/decisions/<uuid:id>/appeal/", cases.appeal, name="mine-appeal"),
    path("mine/cases/", cases.cases, name="mine-cases"),
    path("mine/cases/new/", cases.choose, name="mine-case-choose"),
    path("mine/cases/new/<slug:category>/", cases.file, name="mine-case-file"),
    path("mine/cases/<uuid:id>/", cases.case, name="mine-case"),
    path("mine/cases/<uuid:id>/say/", cases.say, name="mine-case-say"),
    path("report/", reporting.report, name="report"),
    path("report/code/", reporting.code, name="report-code"),
    path("report/<slug:category>/", reporting.file, name="report-file"),
    path("mine/acting/", acting.acting, name="mine-acting"),
    path("mine/acting/<uuid:id>/revoke/", acting.revoke, name="mine-mandate-revoke"),
    path("mine/copy.json", copy.copy, name="mine-copy"),
    path("mine/usage/find/", usage.find, name="mine-usage-find"),
    path("mine/usage/period/", usage.period, name="mine-usage-period"),
    path("mine/usage/heartbeat/", usage.beat, name="mine-usage-heartbeat"),
    path("account/invitation/", invitation.invitation, name="invitation"),
]
