"""A registry that speaks the DCI standard: its signed answer to our question about this person is believed, and nothing else (VIR-5)."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
from joserfc.jwk import OKPKey

from amparo.dci.codes import Action, Status
from amparo.dci.envelope import Header, answer, received
from amparo.dci.searching import asked_in
from amparo.dci.signing import Profile, expect_signed, sign
from amparo.kernel import clock
from amparo.sources.connectors.dci.asking import ask, ask_together
from amparo.sources.connectors.dci.settings import wrong_with
from amparo.sources.types import Attribute, Caching, Question, Reason
from amparo.trust.machines.message_key import message_key
from tests.unit.sources import setting

US, THEM = "sr.example", "civil.example"
SEX = Attribute("sex", "demographic_info.sex", Caching.NONE)
ALIVE = Attribute("mother_alive", "demographic_info.mother_alive", Caching.NONE)


def key() -> OKPKey:
    made = OKPKey.generate_key("Ed25519")
    return OKPKey.import_key(made.as_dict(private=True) | {"kid": made.thumbprint()})


class Civil:
    """A civil registry. What it answers is changed by `record` of a record and `said` of a message before it is signed."""

    def __init__(self) -> None:
        self.key, self.profile = key(), Profile.HTTP
        self.asked: list[dict] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.answering())
        self.healthy()

    def healthy(self) -> None:
        self.signs, self.age = self.key, timedelta(0)
        self.records = [{"identifier": [{"identifier_type": "UIN", "identifier_value": "1-0"}]}]
        self.records[0] |= {"demographic_info": {"sex": "female"}, "last_updated": "2026-11-01T10:00:00Z"}
        self.records_of = lambda number: self.records
        self.said = lambda message: message

    @property
    def settings(self) -> dict:
        return {
            "address": f"http://127.0.0.1:{self.server.server_port}/registry/sync/search",
            "sender": US,
            "receiver": THEM,
            "identifier": "UIN",
            "registry": "Civil",
            "record": "Person",
            "signs": self.profile.value,
            "keys": [self.key.as_dict(private=False) | {"kid": self.key.kid}],
            "as_of": "last_updated",
        }

    def answered(self, body: dict) -> dict:
        """Read a search as the standard has it, and sign the answer to it."""
        told = received(body, actions=(Action.SEARCH,))
        public = message_key().as_dict(private=False) | {"kid": message_key().kid}
        expect_signed(told.signature, told.signed, profile=self.profile, sender=US, keys=[public], now=clock.now())
        assert len(asked_in(told.message, most_on_a_page=10)) == told.header.total_count
        stood = {"timestamp": "2026-11-30T00:00:00Z", "status": Status.DONE.value}
        items = [
            stood
            | {"reference_id": each["reference_id"]}
            | {"data": {"reg_records": self.records_of(each["search_criteria"]["query"]["value"])}}
            for each in told.message["search_request"]
        ]
        message = {
            "transaction_id": told.message["transaction_id"],
            "correlation_id": uuid4().hex,
            "search_response": items,
        }
        header = Header(uuid4().hex, clock.now() - self.age, Action.ON_SEARCH, THEM, US, status=Status.DONE)
        made = answer(header, self.said(message))
        if self.signs is None:
            return made
        return {"signature": sign(made, self.signs, profile=self.profile, sender=THEM, now=clock.now()), **made}

    def answering(self) -> type[BaseHTTPRequestHandler]:
        civil = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                civil.asked.append(body)
                content = json.dumps(civil.answered(body)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *words) -> None:
                """Says nothing."""

        return Answering


@pytest.fixture(scope="module")
def served():
    civil = Civil()
    threading.Thread(target=civil.server.serve_forever, daemon=True).start()
    with setting.inside_allowed():
        yield civil
    civil.server.shutdown()
    civil.server.server_close()


@pytest.fixture
def civil(served, own_keys):
    served.healthy()
    return served


def asked(civil, number: str = "10", *attributes: Attribute):
    return ask(civil.settings, Question(number, attributes or (SEX,), 10.0))


@pytest.mark.parametrize("profile", list(Profile))
def test_a_signed_search_is_answered(civil, profile):
    civil.profile = profile
    try:
        found = asked(civil)
    finally:
        civil.profile = Profile.HTTP
    assert (found.values, found.has_day, found.day) == ({"sex": "female"}, True, "2026-11-01")


def test_what_a_record_does_not_hold_is_no_value(civil):
    assert asked(civil, "10", SEX, ALIVE).values == {"sex": "female", "mother_alive": None}


def test_whatever_is_not_the_signed_answer_to_our_question_is_not_believed(civil):
    record = civil.records[0]

    def changed(**told):
        civil.healthy()
        for name, value in told.items():
            setattr(civil, name, value)
        return asked(civil)

    other = lambda message: message | {"transaction_id": "another"}  # noqa: E731
    assert changed(signs=None) is Reason.MALFORMED
    assert changed(signs=key()) is Reason.MALFORMED
    assert changed(age=timedelta(minutes=10)) is Reason.MALFORMED
    assert changed(said=other) is Reason.MALFORMED
    assert changed(said=lambda message: message | {"search_response": []}) is Reason.MALFORMED
    assert changed(records=[]) is Reason.NOBODY
    assert changed(records=[record, record]) is Reason.MALFORMED
    number = [{"identifier_type": "UIN", "identifier_value": "11"}]
    assert changed(records=[{"identifier": number, "demographic_info": {"sex": "male"}}]) is Reason.WRONG_PERSON
    assert changed(records=[{"demographic_info": {"sex": "male"}}]) is Reason.WRONG_PERSON


def test_what_may_be_set_is_checked(civil):
    assert wrong_with(civil.settings, [SEX]) == []
    for changes in (
        {"address": "civil"},
        {"sender": ""},
        {"identifier": "U I N"},
        {"record": "Household"},
        {"signs": "none"},
        {"keys": []},
        {"secret": "../x"},
        {"as_of": "a b"},
        {"plain": "yes"},
    ):
        assert [key for key, _ in wrong_with({**civil.settings, **changes}, [SEX])] == list(changes)


def person(number: str, sex: str = "female") -> list[dict]:
    return [
        {
            "identifier": [{"identifier_type": "UIN", "identifier_value": number}],
            "demographic_info": {"sex": sex},
            "last_updated": "2026-11-01T10:00:00Z",
        }
    ]


def asked_together(civil, *numbers: str):
    civil.asked.clear()
    return ask_together(civil.settings, [Question(each, (SEX,), 10.0) for each in numbers])


def told(found) -> object:
    return found if isinstance(found, Reason) else found.values["sex"]


def test_many_are_asked_about_in_one_message_and_each_answer_is_of_its_own_question(civil):
    sexes = {"10": "female", "11": "male", "12": "other"}
    civil.records_of = lambda number: person(number, sexes[number]) if number in sexes else []
    civil.said = lambda message: message | {"search_response": message["search_response"][::-1]}  # in any order
    found = asked_together(civil, "10", "11", "13", "12")
    assert [told(each) for each in found] == ["female", "male", Reason.NOBODY, "other"]
    [message] = civil.asked
    assert (message["header"]["total_count"], len(message["message"]["search_request"])) == (4, 4)


def test_what_is_wrong_with_one_answer_of_a_message_is_wrong_with_that_one_alone(civil):
    civil.records_of = lambda number: person("99" if number == "11" else number)
    found = asked_together(civil, "10", "11", "12")
    assert [told(each) for each in found] == ["female", Reason.WRONG_PERSON, "female"]
    civil.records_of = person
    civil.said = lambda message: message | {"search_response": message["search_response"][1:]}
    assert [told(each) for each in asked_together(civil, "10", "11")] == [Reason.MALFORMED, "female"]
    civil.said = lambda message: (
        message | {"search_response": [*message["search_response"], message["search_response"][0]]}
    )
    assert [told(each) for each in asked_together(civil, "10", "11")] == [Reason.MALFORMED, "female"]
    civil.said = lambda message: message | {"search_response": [None, *message["search_response"][1:]]}
    assert [told(each) for each in asked_together(civil, "10", "11")] == [Reason.MALFORMED] * 2


def test_a_message_that_is_not_theirs_or_answers_what_nobody_asked_is_believed_of_nobody(civil):
    civil.records_of, civil.signs = person, key()
    assert asked_together(civil, "10", "11") == [Reason.MALFORMED] * 2
    civil.signs = civil.key
    civil.said = lambda message: message | {"transaction_id": uuid4().hex}
    assert asked_together(civil, "10", "11") == [Reason.MALFORMED] * 2
    more = {"reference_id": uuid4().hex, "timestamp": "2026-11-30T00:00:00Z", "status": "succ"}
    civil.said = lambda message: message | {"search_response": [*message["search_response"], more]}
    assert asked_together(civil, "10", "11") == [Reason.MALFORMED] * 2


@pytest.mark.parametrize("together", [0, 101, "20", True, 2.5])
def test_how_many_are_asked_about_in_a_message_is_a_number_from_1_to_100(civil, together):
    assert ("together", "20 (1 to 100)") in wrong_with(civil.settings | {"together": together}, [SEX])
    assert wrong_with(civil.settings | {"together": 20}, [SEX]) == []
