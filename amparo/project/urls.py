"""Every route of the installation."""

from django.urls import include, path

from amparo.interop import urls as interop
from amparo.interop.dci import addresses as dci
from amparo.web import urls as web

urlpatterns = [
    path("", include(web)),
    path("api/", include(interop)),
    path("dci/v1/", include(dci)),
    *dci.at_the_root,
]

handler400 = web.handler400
handler403 = web.handler403
handler404 = web.handler404
handler429 = web.handler429
handler500 = web.handler500
