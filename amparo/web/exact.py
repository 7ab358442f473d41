"""Numbers as one reckons on with them with a pencil."""

from decimal import Decimal, localcontext

_SIXTH, NOISE = Decimal("0.000001"), Decimal("1e-14")  # a double holds sixteen digits


def exact(value: int | float, decimals: int = 0) -> Decimal:
    """Return a number as one reckons on with a pencil: at most six decimals, all six where more were cut."""
    with localcontext(prec=400):  # the largest double has 309 digits
        number = Decimal(str(value)).scaleb(-decimals)
        cut = number.quantize(_SIXTH) if _places(number) > _places(_SIXTH) else number
        if abs(cut - number) > abs(number) * NOISE:
            return cut
        number = cut.normalize()
        return number if _places(number) >= decimals else number.quantize(Decimal(1).scaleb(-decimals))


def _places(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)
