"""Operations of the standard that this server does not do yet: refused with the standard's own word for that."""

from typing import Any

from amparo.dci.codes import HeaderReason, Wrong
from amparo.interop.dci.asking import Asking


def refuse(asking: Asking, correlation_id: str) -> dict[str, Any]:
    raise Wrong("interop-dci-not-done", code=HeaderReason.ACTION_UNSUPPORTED)
