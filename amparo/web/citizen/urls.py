"""The citizens' pages, all under `mine/`; the way in for whoever was invited lies beside the other ways in."""

from django.urls import path

from amparo.web.citizen import acting, consents, copy, decisions, held, invitation, looked, start, usage

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
    path("mine/acting/", acting.acting, name="mine-acting"),
    path("mine/acting/<uuid:id>/revoke/", acting.revoke, name="mine-mandate-revoke"),
    path("mine/copy.json", copy.copy, name="mine-copy"),
    path("mine/usage/find/", usage.find, name="mine-usage-find"),
    path("mine/usage/period/", usage.period, name="mine-usage-period"),
    path("mine/usage/heartbeat/", usage.beat, name="mine-usage-heartbeat"),
    path("account/invitation/", invitation.invitation, name="invitation"),
]
