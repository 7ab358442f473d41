"""Trial or live: before an impact assessment is signed off, nothing that this installation does reaches real people.

Nobody can tell by a file whether the people in it are invented. So what is refused in a trial is not what comes in, but
what goes out: exchanges with partners, notices, and changes for the worse. The demo is a trial in which everybody is invented
by the product itself, so there notices go on.
"""

from django.conf import settings

from amparo.kernel.errors import NotPermitted
from amparo.trust.models import Stage


def is_live(*, using: str = "default") -> bool:
    """Whether the installation was taken live. Without a row that says so, it was not."""
    return Stage.objects.using(using).filter(is_live=True).exists()


def expect_live(*, using: str = "default", may_be_demo: bool = False) -> None:
    """Raise NotPermitted in a trial, unless it is the demo and what is asked touches invented people alone."""
    if is_live(using=using) or (may_be_demo and settings.DEMO):
        return
    raise not_live()


def not_live() -> NotPermitted:
    return NotPermitted("trust-trial")
