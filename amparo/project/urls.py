"""Every route of the installation."""

from importlib.util import find_spec

from django.urls import include, path

urlpatterns = [path("account/", include("allauth.urls"))]
if find_spec("amparo.web.urls"):
    urlpatterns.append(path("", include("amparo.web.urls")))
