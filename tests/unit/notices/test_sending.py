"""Texts: each once as far as anybody can know, again under the same reference where not, and never in silence (OPS-2)."""

import json
import logging
import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from amparo.kernel import clock
from amparo.kernel.errors import NotPermitted
from amparo.notices import queries
from amparo.notices.config import DELAYS
from amparo.notices.types import Channel, Kind
from tests.lib import audit_log
from tests.unit.notices import setting
from tests.unit.notices.setting import attempts, home, rows, sent, states, told

ROOT = Path(__file__).parent.parent.parent.parent
SOON = timedelta(seconds=1)


def test_a_text_goes_once_with_a_reference_and_names_nothing(words, gateway):
    told(home())
    assert [sent(), sent(), sent(timedelta(days=9))] == [{"sent": 1}, {}, {}]
    [text] = gateway.texts
    [id] = rows("SELECT id FROM notices_sending")[0]
    assert text["to"] == "+99912345678"
    assert text["text"] == f"News. Ask at your office. Reference {id.hex[-10:].upper()}. (en)"
    assert gateway.asked[0]["authorization"] == "Bearer s3cret-of-the-gateway"
    assert gateway.asked[0]["idempotency-key"] == text["reference"] == id.hex
    assert states() == [("sent", "sms", "", 1)]
    assert attempts() == [("sms", "", 200, True)]


def test_a_home_is_written_to_in_its_language_where_the_profile_has_it(words, gateway):
    told(home(spoken="arabic"), home(spoken="klingon"))
    sent()
    assert {each["text"][-4:] for each in gateway.texts} == {"(ar)", "(en)"}


@pytest.mark.parametrize(
    ("answer", "reason", "code"),
    [
        ((500, b"oops"), "refused", 500),
        ((401, b'{"accepted": true}'), "refused", 401),
        ((302, b""), "refused", 302),
        ((200, b"<html>welcome</html>"), "unreadable", 200),
        ((200, b'{"accepted": "yes"}'), "unreadable", 200),
        ((200, b"[true]"), "unreadable", 200),
        ((200, b"\xff\xfe\x00"), "unreadable", 200),
        ((200, b""), "unreadable", 200),
    ],
)
def test_whatever_else_a_gateway_answers_the_text_was_not_taken_and_is_tried_again(
    words, gateway, answer, reason, code
):
    gateway.says = lambda told: answer
    told(home())
    assert [sent(), sent()] == [{reason: 1}, {}]
    assert states() == [("waiting", "sms", reason, 1)]
    assert attempts() == [("sms", reason, code, True)]
    gateway.says = lambda told: (200, b'{"accepted": true}')
    assert [sent(DELAYS[0] - timedelta(minutes=1)), sent(DELAYS[0] + SOON)] == [{}, {"sent": 1}]
    assert len({each["reference"] for each in gateway.texts}) == 1


def test_after_the_last_attempt_it_is_given_up_and_somebody_sees_it(words, gateway, cast):
    gateway.says = lambda told: (503, b"")
    told(home())
    outcomes = [sent(sum(DELAYS[:n], SOON * n)) for n in range(len(DELAYS) + 2)]
    assert outcomes == [{"refused": 1}] * 4 + [{"given-up": 1}, {}, {}]
    assert states() == [("given-up", "sms", "refused", len(DELAYS))]
    assert len(gateway.texts) == len(attempts()) == len(DELAYS)


def test_a_gateway_that_hangs_holds_nothing_up_and_the_rest_is_not_counted(words, gateway, monkeypatch):
    monkeypatch.setattr("amparo.notices.channels.sms.SECONDS", 0.3)
    gateway.says = lambda told: None
    told(*(home(name=f"Yara {n}") for n in range(5)))
    assert sent() == {"silent": 3}
    assert sorted(attempts for *_, attempts in states()) == [0, 0, 1, 1, 1]
    gateway.says = lambda told: (200, b'{"accepted": true}')
    assert sent(timedelta(hours=1)) == {"sent": 5}


def test_nobody_is_there(words, gateway):
    gateway.socket.shutdown(socket.SHUT_RDWR)
    gateway.socket.close()
    told(home())
    assert sent() == {"silent": 1}


def test_a_gateway_inside_that_nobody_allowed_is_not_called(words, gateway, monkeypatch):
    monkeypatch.setattr(settings, "CALLS", {"places": [], "inside": []})
    told(home())
    assert sent() == {"unsafe": 1}  # and in the clear at that
    assert gateway.texts == []


def test_a_worker_that_is_killed_between_handing_over_and_noting_hands_it_over_again_under_one_reference(
    words, gateway, own_keys, fresh_database
):
    """At least once: whoever carries it knows by the reference that it is the same, and delivers one."""
    told(home(), home(name="Noor"))
    children = []
    gateway.says = lambda told: children[0].kill() or (200, b'{"accepted": true}')
    command = [sys.executable, "-m", "tests.lib.sending_under_kills", str(own_keys), str(words), gateway.address]
    # It waits until it is in the list, so that the gateway knows whom to kill.
    child = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"AMPARO_DATABASE": fresh_database, "PYTHONPATH": str(ROOT)}
    )
    children.append(child)
    assert child.wait(timeout=240) == -9
    assert states()[0] == ("waiting", "sms", "", 1)
    assert attempts() == [("sms", "", None, False)]
    gateway.says = lambda told: (200, b'{"accepted": true}')
    assert sent(timedelta(minutes=11)) == {"sent": 2}
    assert (len(gateway.texts), len({each["reference"] for each in gateway.texts})) == (3, 2)


def test_a_text_whose_words_are_missing_or_ask_for_too_much_is_not_sent_and_says_so(words, gateway):
    id = home()
    for wrong in ("{programme} ends.", "Ask {nobody}.", "Open {", "{0}"):
        setting.say(words, text=wrong)
        told(id)
        assert sent(timedelta(hours=1)) == {"template-broken": 1}, wrong
        rows("UPDATE notices_sending SET state = 'unwanted'")
    assert gateway.texts == []
    assert attempts() == []


def test_words_that_are_put_right_go_out_by_themselves(words, gateway):
    setting.say(words, text="{programme} ends.")
    told(home())
    sent()
    assert states() == [("waiting", "sms", "template-broken", 0)]
    setting.say(words)
    assert [sent(), sent(timedelta(minutes=16))] == [{}, {"sent": 1}]


def test_a_channel_that_is_not_set_up_lets_it_wait_and_says_why(words, configured, cast):
    told(home())
    assert [sent(), sent(timedelta(days=30))] == [{"not-configured": 1}, {}]
    assert states() == [("waiting", "sms", "not-configured", 0)]
    assert queries.not_configured() == [Channel.SMS, Channel.EMAIL]


def test_once_it_is_set_up_what_waited_goes(words, gateway, own_keys):
    (own_keys / "sms.secret").unlink()
    told(home())
    assert sent() == {"not-configured": 1}
    (own_keys / "sms.secret").write_text("again")
    assert sent() == {"sent": 1}


def test_nothing_is_sent_to_the_home_of_somebody_in_danger(words, gateway, cast):
    from amparo.registry.actions import protect
    from amparo.trust.context import acting
    from amparo.trust.types import Permission
    from tests.lib.country import GROUND

    safe, hunted = home(), home(name="Mara")
    told(safe, hunted)
    with acting(cast.nadia.narrowed(Permission.PROTECT)) as by:
        protect(setting.who_lives_in(hunted), by=by, on=clock.today(), under=GROUND)
    assert sent() == {"sent": 1}
    assert rows("SELECT state FROM notices_sending WHERE household_id = %s AND area_number < 0", hunted) == [
        ("waiting",)
    ]
    seen = {}
    for who in ("amina", "bruno", "ines", "nadia"):
        with acting(getattr(cast, who).narrowed(Permission.READ_NOTICES)) as by:
            seen[who] = [each.household for each in queries.given_up(by=by, under=GROUND)]
    assert seen == {"amina": [], "bruno": [], "ines": [], "nadia": [hunted]}


def test_in_a_trial_nobody_is_told_anything(words, gateway, server, fresh_database):
    told(home())
    with audit_log.almighty(server, fresh_database) as cursor:
        cursor.execute("DELETE FROM trust_stage; DELETE FROM trust_impactassessment")
    with pytest.raises(NotPermitted, match="trust-trial"):
        sent()
    assert (gateway.texts, states()) == ([], [("waiting", "", "", 0)])


def test_who_has_died_is_not_written_to(words, gateway):
    id = home()
    told(id)
    rows("UPDATE registry_person SET deceased_on = '2026-01-01' WHERE id = %s", setting.who_lives_in(id))
    assert sent() == {"given-up": 1}
    assert states() == [("given-up", "", "nobody", 0)]


def test_who_wants_to_hear_nothing_is_told_what_the_law_owes_them_by_letter_and_nothing_else(words, gateway):
    id = home(told_by="none")
    told(id)
    told(id, kind=Kind.CASE_RECEIVED)
    assert sent() == {"to-print": 1, "unwanted": 1}


def test_neither_number_nor_words_stand_in_a_log_an_error_or_the_audit(words, gateway, caplog):
    caplog.set_level(logging.DEBUG)
    gateway.says = lambda told: (500, told["to"].encode())
    told(home(phone="+999 8765 4321"))
    sent()
    trail = str(rows("SELECT details, about_id FROM trust_audit")) + str(rows("SELECT * FROM notices_attempt"))
    for secret in ("87654321", "8765 4321", "Ask at your office", "s3cret"):
        assert secret not in caplog.text + trail + str(rows("SELECT * FROM notices_sending"))


def test_each_look_at_an_address_and_each_attempt_is_on_the_record(words, gateway):
    id = home()
    told(id)
    sent()
    looked = json.loads(rows("SELECT details FROM trust_audit WHERE event = 'contacts-read'")[0][0])
    assert looked["persons"] == [str(setting.who_lives_in(id))]
    assert looked["fields"] == [
        *("household.address", "household.email", "household.phone", "household.spoken", "person.told_by")
    ]
    counted = "SELECT event, count(*) FROM trust_audit WHERE event LIKE 'sending%%' GROUP BY 1 ORDER BY 1"
    assert rows(counted) == [
        ("sending-attempted", 1), ("sending-settled", 1), ("sendings-made", 1), ("sendings-taken-up", 1),
    ]  # fmt: skip


def test_what_another_worker_holds_is_passed_over(words, gateway, server, fresh_database):
    told(home(), home(name="Noor"))
    with audit_log.almighty(server, fresh_database) as cursor:
        cursor.execute("SELECT id FROM notices_sending ORDER BY id LIMIT 1 FOR UPDATE")
        assert sent() == {"sent": 1}
    assert sent() == {"sent": 1}
    assert len({each["reference"] for each in gateway.texts}) == 2
