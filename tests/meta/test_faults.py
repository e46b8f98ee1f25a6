"""Each answer of Meta's is one kind of fault, in words that say what to do, and tells no secret."""

from __future__ import annotations

import json

import pytest

from platforms.contract import Fault, OutcomeUnknown, PermanentFault, TemporaryFault
from platforms.meta import faults

SECRET = "EAAB" + "x" * 60


def judged(code, subcode=None, *, changing, headers=None, status=400, **more) -> Fault:
    error = {
        "message": f"(#{code}) Something about access_token={SECRET}",
        "type": "OAuthException",
        "code": code,
    }
    if subcode:
        error["error_subcode"] = subcode
    body = json.dumps({"error": {**error, **more}}).encode()
    with pytest.raises(Fault) as found:
        faults.judge("Facebook", status, headers or {}, body, changing=changing)
    assert SECRET not in f"{found.value.sentence}{found.value.raw}{found.value!r}"
    assert found.value.sentence.endswith(".")
    assert "{" not in found.value.sentence
    return found.value


@pytest.mark.parametrize(
    ("code", "subcode", "reading", "changing", "words"),
    [
        (1, None, TemporaryFault, OutcomeUnknown, "fault of its own"),
        (2, None, TemporaryFault, OutcomeUnknown, "fault of its own"),
        (4, None, TemporaryFault, TemporaryFault, "slow down"),
        (17, None, TemporaryFault, TemporaryFault, "slow down"),
        (32, None, TemporaryFault, TemporaryFault, "slow down"),
        (613, None, TemporaryFault, TemporaryFault, "slow down"),
        (80001, None, TemporaryFault, TemporaryFault, "slow down"),
        (80002, None, TemporaryFault, TemporaryFault, "slow down"),
        (190, None, PermanentFault, PermanentFault, "Connect the account again"),
        (190, 460, PermanentFault, PermanentFault, "changed their password"),
        (190, 463, PermanentFault, PermanentFault, "has expired"),
        (10, None, faults.NotAllowed, faults.NotAllowed, "does not let this credential"),
        (200, None, faults.NotAllowed, faults.NotAllowed, "does not let this credential"),
        (283, None, faults.NotAllowed, faults.NotAllowed, "does not let this credential"),
        (299, None, faults.NotAllowed, faults.NotAllowed, "does not let this credential"),
        (10, 2018278, PermanentFault, PermanentFault, "within 24 hours"),
        (100, 33, faults.Gone, faults.Gone, "no longer on Facebook"),
        (803, None, faults.Gone, faults.Gone, "no longer on Facebook"),
        (100, None, PermanentFault, PermanentFault, "refused"),
        (368, None, PermanentFault, PermanentFault, "appeal there"),
        (506, None, PermanentFault, PermanentFault, "change the words"),
        (9004, 2207052, PermanentFault, PermanentFault, "could not fetch"),
        (9007, 2207027, TemporaryFault, TemporaryFault, "not ready"),
        (4, 2207051, PermanentFault, PermanentFault, "appeal there"),
        (9, 2207042, TemporaryFault, TemporaryFault, "no more posts"),
    ],
)
def test_each_code_is_one_kind_of_fault(code, subcode, reading, changing, words):
    assert type(judged(code, subcode, changing=False)) is reading
    fault = judged(code, subcode, changing=True)
    assert type(fault) is changing
    assert words in fault.sentence


def test_what_calls_itself_passing_is_taken_at_its_word():
    assert type(judged(4711, changing=False, is_transient=True)) is TemporaryFault
    assert type(judged(4711, changing=True, is_transient=True)) is OutcomeUnknown
    assert type(judged(4711, changing=True)) is PermanentFault


def test_the_sentence_for_people_is_told_and_no_secret_with_it():
    fault = judged(100, changing=True, error_user_msg="The picture is too dark")
    assert fault.sentence == "Facebook refused (100): The picture is too dark."


def test_missing_permissions_are_listed():
    message = "requires the extended permission pages_read_engagement and/or pages_manage_metadata"
    body = json.dumps({"error": {"message": message, "code": 283}}).encode()
    with pytest.raises(faults.NotAllowed, match="lacks: pages_manage_metadata, pages_read_engagement"):
        faults.judge("Facebook", 403, {}, body, changing=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"x-app-usage": '{"call_count": 100, "total_time": 5, "total_cputime": 5}'}, 3600),
        ({"x-app-usage": '{"call_count": 20}'}, 300),
        ({}, 300),
    ],
)
def test_how_long_to_wait_comes_from_whichever_header_there_is(headers, seconds):
    assert judged(4, changing=True, headers=headers).retry_after_s == seconds


@pytest.mark.parametrize(
    "value",
    ["", "{", "[]", "7", '{"1": 3}', '{"1": [3, null, {}]}', '{"1": [{"call_count": "x"}]}', "[" * 9000],
)
def test_usage_that_cannot_be_read_is_no_usage(value):
    assert faults.usage({"x-app-usage": value, "x-business-use-case-usage": value}) == []


@pytest.mark.parametrize(
    ("status", "body", "reading", "changing"),
    [
        (502, b"<html>Bad gateway</html>", TemporaryFault, OutcomeUnknown),
        (503, b"Service Unavailable", TemporaryFault, OutcomeUnknown),
        (200, b"<html>hotel</html>", TemporaryFault, OutcomeUnknown),
        (200, b'{"id": "1001_50', TemporaryFault, OutcomeUnknown),
        (200, b"[1, 2]", TemporaryFault, OutcomeUnknown),
        (200, b'"words"', TemporaryFault, OutcomeUnknown),
        (200, b"7", TemporaryFault, OutcomeUnknown),
        (500, b'{"error": "RateLimitExceeded"}', TemporaryFault, OutcomeUnknown),
        (500, b'{"error": {}}', TemporaryFault, OutcomeUnknown),
        (200, b'{"error": {}}', TemporaryFault, OutcomeUnknown),
        (200, b'{"error": {"code": 190}}', PermanentFault, PermanentFault),
        (200, b'{"success": false}', PermanentFault, PermanentFault),
        (302, b"", PermanentFault, PermanentFault),
        (400, b"no", PermanentFault, PermanentFault),
        (429, b"{}", TemporaryFault, TemporaryFault),
    ],
)
def test_what_is_no_answer_of_graphs_is_a_fault_and_no_type_error(status, body, reading, changing):
    for kind, may_change in ((reading, False), (changing, True)):
        with pytest.raises(Fault) as fault:
            faults.judge("Facebook", status, {}, body, changing=may_change)
        assert type(fault.value) is kind
        assert "<html" not in fault.value.sentence


@pytest.mark.parametrize("body", [b"true", b"", b'{"success": true}'])
def test_success_has_three_forms(body):
    assert faults.judge("Facebook", 200, {}, body, changing=True) == {"success": True}
