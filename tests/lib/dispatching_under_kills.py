"""Hands payments over, to be killed meanwhile. Run as a program of its own; says `begun` when it begins. Arguments: folder of keys,
whoever pays."""

import sys
from pathlib import Path


def main(keys: str, address: str) -> None:
    import django

    django.setup()
    from django.conf import settings

    from amparo.payments import tasks
    from tests.lib.paying import goes_to

    settings.KEY_FOLDER = Path(keys)
    goes_to(address, settings.PAYMENTS, settings.CALLS)
    print("begun", flush=True)
    tasks.dispatch(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
