"""Sends what is due, to be killed meanwhile. Run as a program of its own. Arguments: folder of keys, folder of words, the gateway."""

import sys
from pathlib import Path


def main(keys: str, words: str, address: str) -> None:
    import django

    django.setup()
    from django.conf import settings

    from amparo.notices import actions
    from amparo.profiles.languages import speak_also
    from amparo.trust.types import system

    settings.KEY_FOLDER = Path(keys)
    settings.NOTICES["sms"]["address"] = address
    settings.CALLS["inside"].append("127.0.0.1")
    speak_also(Path(words))
    actions.send(by=system("notices"))


if __name__ == "__main__":
    main(*sys.argv[1:])
