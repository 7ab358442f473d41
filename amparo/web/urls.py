"""Every page. Each view says in its own file which permission it needs (`access.page`) or that none (`access.public`)."""

from django.urls import path

from amparo.web.staff import find, home, households, language, purpose, sign_in

urlpatterns = [
    path("", home.home, name="home"),
    path("account/sign-in/", sign_in.sign_in, name="account_login"),
    path("account/sign-out/", sign_in.sign_out, name="account_logout"),
    path("purpose/", purpose.purpose, name="purpose"),
    path("find/", find.find, name="find"),
    path("find/<str:code>/", find.in_area, name="find-in-area"),
    path("households/<uuid:id>/", households.household, name="household"),
    path("households/<uuid:id>/history/", households.history, name="household-history"),
    path("households/<uuid:id>/people/<uuid:person_id>/", households.person, name="person"),
    path("language/<slug:code>/", language.choose, name="language"),
]

handler400 = "amparo.web.refusals.bad_request"
handler403 = "amparo.web.refusals.permission_denied"
handler404 = "amparo.web.refusals.page_not_found"
handler429 = "amparo.web.refusals.too_many"
handler500 = "amparo.web.refusals.server_error"
