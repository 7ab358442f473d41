"""Who asks is told by the proxies that the operator named, never by what a browser writes (ASVS 4.1.3)."""

import pytest
from django.conf import settings
from django.test import RequestFactory

from amparo.trust.origin import here, whence

#  proxies | header as it arrives                 | who asks
FORWARDED = [
    (0, "6.6.6.6", "127.0.0.1"),
    (1, "10.0.0.9", "10.0.0.9"),
    (1, "6.6.6.6, 10.0.0.9", "10.0.0.9"),
    (2, "6.6.6.6, 10.0.0.9, 10.0.0.1", "10.0.0.9"),
]


@pytest.mark.parametrize(("proxies", "header", "asks"), FORWARDED)
def test_what_a_browser_writes_into_the_header_counts_for_nothing(monkeypatch, proxies, header, asks):
    monkeypatch.setattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", proxies)
    assert whence(RequestFactory().get("/", headers={"X-Forwarded-For": header})) == asks


def test_no_other_header_of_a_proxy_is_believed():
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Port": "1",
        "Forwarded": "host=evil",
    }
    request = RequestFactory().get("/", headers={**forged, "X-Real-IP": "6.6.6.6", "Client-IP": "6.6.6.6"})
    assert here(request) == "http://testserver"
    assert whence(request) == "127.0.0.1"
