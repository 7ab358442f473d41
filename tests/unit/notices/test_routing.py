"""By what somebody is told: what they asked for, as far as it can be done; a number or address is never more than that."""

from hypothesis import given
from hypothesis import strategies as st

from amparo.notices.routing import Reached, way_to
from amparo.notices.types import Channel, Reason

ANY = st.text(max_size=30)
PHONES = st.from_regex(r"\+?[0-9]{5,15}", fullmatch=True)


@given(ANY, ANY, ANY, st.sampled_from([*Channel, "", "pigeon"]), st.booleans(), st.sampled_from(list(Channel)[:3]))
def test_whatever_is_known_it_goes_one_way_and_never_to_what_is_no_address(
    phone, email, address, asked, is_owed, unasked
):
    way = way_to(Reached(phone, email, address, str(asked)), is_owed=is_owed, unasked=unasked)
    if way.channel is Channel.NONE:
        assert asked == Channel.NONE
        assert not is_owed
    if way.channel is Channel.SMS and way.reason is None:
        assert set(way.address) <= set("+0123456789")
    if way.channel is Channel.EMAIL and way.reason is None:
        assert way.address.count("@") == 1
        assert way.address.isprintable()
        assert not set(way.address) & set(' \r\n<>,;:"()[]\\')
    if way.channel is Channel.LETTER:
        assert way.address == address


@given(PHONES, st.sampled_from([Channel.SMS, Channel.LETTER]))
def test_who_was_never_asked_is_told_as_the_profile_says(phone, unasked):
    assert way_to(Reached(phone), is_owed=False, unasked=unasked).channel is unasked


@given(st.booleans())
def test_nothing_known_is_a_letter(is_owed):
    assert way_to(Reached(), is_owed=is_owed, unasked=Channel.SMS).channel is Channel.LETTER
    assert way_to(Reached(asked_for="email"), is_owed=is_owed, unasked=Channel.SMS).reason is Reason.ADDRESS_MISSING


def test_what_cannot_be_a_number_is_not_dialled():
    for phone in ("no phone", "12", "0800;DROP", "+1\n+2345678", "٠١٢٣٤٥٦"):
        way = way_to(Reached(phone, asked_for="sms"), is_owed=True, unasked=Channel.LETTER)
        assert (way.channel, way.reason) == (Channel.SMS, Reason.ADDRESS_UNSOUND), phone
