import pytest

from tests.lib.rules.engines import ENGINES
from tests.spec.examples import Spec


@pytest.fixture(params=ENGINES)
def spec(request: pytest.FixtureRequest) -> Spec:
    return Spec(request.param, ENGINES[request.param])
