"""The web server's way in."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amparo.project.settings")
pages = get_wsgi_application()

from django.conf import settings  # noqa: E402 (settings are read once the application stands)
from django.db import connections  # noqa: E402
from django.urls import reverse  # noqa: E402

from amparo.project.patience import SEATS, SEATS_OF_ADDRESS, Doorway  # noqa: E402

connections.close_all()  # what start-up asked keeps no connection from a page
application = Doorway(
    pages,
    of_address=SEATS if settings.ALLAUTH_TRUSTED_PROXY_COUNT else SEATS_OF_ADDRESS,
    one_by_one=frozenset(map(reverse, ("account_login", "mfa_authenticate", "passkey-sign-in"))),
    folder=settings.FILE_UPLOAD_TEMP_DIR,
)
