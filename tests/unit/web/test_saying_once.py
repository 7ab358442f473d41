"""What is true of several people alike is said once, of all of them (ELI-5): twenty lines hide the one that matters."""

from types import SimpleNamespace

from amparo.profiles.languages import say
from amparo.programmes.explanation import Input
from amparo.web import changing, lacking
from amparo.web.explaining import Teller
from tests.unit.web.test_sums import teller


def with_answer(told: Teller, **more) -> Teller:
    why = told.explanation
    return Teller(SimpleNamespace(**vars(why), outcome=why.trace.value, **more), told.words, told.names)  # type: ignore[arg-type]


def test_the_same_change_of_several_members_is_one_sentence_about_one_of_them():
    record = {"household": {}, "members": [{"disabled": False}, {"disabled": False}]}
    told = with_answer(teller("members.size() >= 1 && !members.exists(m, m.disabled)", record))
    (said,) = changing.changes(told)
    assert "of one of Person 1, Person 2 were" in say(said)


def test_what_lacks_of_several_members_is_one_point_and_of_the_household_another():
    record = {"household": {}, "members": [{}, {}]}
    inputs = [Input("person", "disabled", place, None, False) for place in (0, 1)] + [
        Input("household", "income", None, None, False)
    ]
    told = with_answer(
        teller("household.income > param.poverty_line && members.all(m, m.disabled)", record),
        lacking=inputs,
        missing=("disabled", "income"),
    )
    first, second = lacking.missing(told)
    assert say(first).startswith("“disabled” of Person 1, Person 2: nobody has told it yet.")
    assert say(second).startswith("“income”: nobody has told it yet.")
