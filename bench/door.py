"""The web server's way in to a scratch installation, whose keys lie in a folder of their own."""

import os
from pathlib import Path

from django.conf import settings

from amparo.trust.keys.key_sources import FOLDER

settings.KEY_FOLDER, settings.KEY_SOURCE = Path(os.environ["AMPARO_BENCH_KEYS"]), FOLDER

from amparo.project.wsgi import application  # noqa: E402 (keys are read as it starts)

__all__ = ["application"]
