"""What the first sentences of a citizen's explanation say."""

from types import SimpleNamespace

from amparo.profiles.languages import say
from amparo.programmes.types import State
from amparo.registry.dictionary import Dictionary
from amparo.web.explaining import Teller
from amparo.web.letter import _answer, _verdict

PROPOSED = SimpleNamespace(state=State.PROPOSED, waiting=None)


def test_a_lower_amount_that_is_proposed_is_said_beside_the_one_of_today():
    why = SimpleNamespace(decision=PROPOSED, outcome=True, amount=26_500, has_steps=True, erased=None, ranking=None)
    (said,) = _answer(why, Teller(why, Dictionary(currency="EUR", fields=())), 53_000)  # type: ignore[arg-type]
    assert say(said) == "You would be granted €265.00 for each payment period, instead of €530.00 as today."
    assert say(_verdict(why)) == "Only proposed: a lower amount"  # type: ignore[arg-type]
