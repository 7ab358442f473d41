"""Makes a payment list, to be killed meanwhile. Run as a program of its own; says `begun` when it begins. Argument: the cycle."""

import sys
from contextlib import suppress


def main(cycle: str) -> None:
    import django

    django.setup()
    from amparo.kernel.errors import Refused
    from tests.lib import country, paying

    by = country.cast().paz
    print("begun", flush=True)
    with suppress(Refused):  # an earlier try came through
        paying.prepared(by, cycle=cycle)


if __name__ == "__main__":
    main(sys.argv[1])
