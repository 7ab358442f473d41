"""Letters: one PDF for an area, marked as printed once it is kept; one that cannot be set holds no other up."""

import pytest

from amparo.kernel.errors import NotFound, Refused
from amparo.notices import actions
from tests.lib.pdf_text import text_of
from tests.unit.notices import setting
from tests.unit.notices.setting import home, rows, sent, states, told


@pytest.fixture
def kept() -> list[bytes]:
    return []


def printed(area: str, kept: list[bytes], **more) -> actions.letters.Printed:
    return actions.print_letters(area, lambda batch, made: kept.append(made), by=setting.WORKER, **more)


def waiting(*areas: str, **values: str) -> None:
    told(*(home(area, told_by="letter", **values) for area in areas))
    sent()


def test_an_areas_letters_are_one_pdf_with_names_and_addresses_and_are_printed_once(words, configured, kept):
    waiting("n1", "n2", "s1")
    assert printed("north", kept).letters == 2
    text = text_of(kept[0])
    for said in ("Yara", "Mill lane 4", "Help for homes", "A decision"):
        assert said in text
    assert sorted(each[0] for each in states()) == ["printed", "printed", "to-print"]
    with pytest.raises(Refused, match="notices-no-letters"):
        printed("north", kept)
    assert rows("SELECT count(DISTINCT batch_id) FROM notices_sending WHERE state = 'printed'") == [(1,)]
    assert rows("SELECT count(*) FROM trust_audit WHERE event = 'letters-printed'") == [(1,)]


def test_what_could_not_be_kept_is_not_marked(words, configured):
    waiting("n1")

    def fails(batch, made) -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        actions.print_letters("n1", fails, by=setting.WORKER)
    assert states() == [("to-print", "letter", "", 0)]


def test_a_name_no_font_has_letters_for_is_given_up_and_the_rest_is_printed(words, configured, kept):
    waiting("n1", "n1")
    waiting("n1", name="አበበ")
    found = printed("n1", kept)
    assert (found.letters, found.unprintable) == (2, 1)
    assert sorted(each[:3] for each in states()) == [
        ("given-up", "letter", "unprintable"), ("printed", "letter", ""), ("printed", "letter", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ['#import "/etc/passwd"', "]}) #panic()", "*bold* _it_", "\u202eevil", "ياسمين"])
def test_nothing_in_a_name_is_a_command(words, configured, kept, name):
    waiting("n1", name=name, address=name, spoken="arabic")
    assert printed("n1", kept).letters == 1
    assert kept[0].startswith(b"%PDF")


def test_words_that_are_broken_leave_a_letter_waiting(words, configured, kept):
    waiting("n1")
    setting.say(words, letter="You get {amount}.")
    assert (printed("n1", kept).letters, kept) == (0, [])
    assert [each[:3] for each in states()] == [("to-print", "letter", "template-broken")]


def test_an_area_that_is_none_is_not_found_and_a_batch_has_its_size(words, configured, kept):
    with pytest.raises(NotFound):
        printed("nowhere", kept)
    waiting("n1", "n1", "n1")
    assert [printed("n1", kept, at_most=2).letters for _ in range(2)] == [2, 1]
