"""What is read of a message that came back: fields for programs, and nothing that a person wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.mail import reports
from feedsvc.mail.reports import Report, read
from tests.support import returned
from tests.support.returned import MESSAGE_ID, READER, RETURN_PATH

SAMPLES = (returned.delivery_report(), returned.complaint(), returned.vacation())


def test_a_delivery_report_names_mail_reader_and_reason() -> None:
    assert read(returned.delivery_report()) == Report(
        kind="failed",
        paths=(RETURN_PATH,),
        recipients=(READER,),
        message_id=MESSAGE_ID,
        status="5.1.1",
        diagnostic="550 5.1.1 <reader@example.org>: user unknown",
    )


def test_a_complaint_names_mail_and_reader() -> None:
    found = read(returned.complaint())
    assert (found.kind, found.recipients, found.message_id) == ("complaint", (READER,), MESSAGE_ID)
    assert found.paths == (RETURN_PATH, "abuse@agency.example")


def test_a_feedback_report_that_is_no_complaint_is_none() -> None:
    assert read(returned.complaint(kind="not-spam")).kind == "other"


@pytest.mark.parametrize(
    ("action", "kind"),
    [("failed", "failed"), ("Delayed", "delayed"), ("relayed", "delivered"), ("odd", "other")],
)
def test_only_a_failure_is_one(action: str, kind: str) -> None:
    assert read(returned.delivery_report(action=action)).kind == kind


@pytest.mark.parametrize(
    "header",
    ["Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated; by=me",
     "Precedence: auto_reply", "X-Autoreply: yes"],
)  # fmt: skip
def test_vacation_notes_are_known_as_such(header: str) -> None:
    assert read(returned.vacation(header=header)).kind == "automatic"


def test_what_a_person_writes_is_nothing_for_a_program() -> None:
    assert read(returned.vacation(header="X-Mailer: Person 1.0")).kind == "other"


def test_a_receipt_is_no_failure() -> None:
    receipt = returned.delivery_report().replace(b"delivery-status", b"disposition-notification")
    assert read(receipt).kind == "automatic"


def test_a_report_is_found_within_another_wrapping() -> None:
    head, _, body = returned.delivery_report().partition(b"\r\n\r\n")
    kind = head.split(b"\r\n")[-1]
    wrapped = (
        b'To: ' + RETURN_PATH.encode() + b'\r\nContent-Type: multipart/mixed; boundary="=w"\r\n\r\n'
        b"--=w\r\n" + kind + b"\r\n\r\n" + body + b"\r\n--=w--\r\n"
    )  # fmt: skip
    assert read(wrapped).status == "5.1.1"


def test_a_report_inside_a_returned_mail_is_not_taken_for_the_report_itself() -> None:
    forwarded = (
        b"To: " + RETURN_PATH.encode() + b"\r\nContent-Type: message/rfc822\r\n\r\n"
        + returned.delivery_report()
    )  # fmt: skip
    assert read(forwarded).kind == "other"


def test_the_recipient_that_failed_counts_among_several() -> None:
    blocks = (
        b"Final-Recipient: rfc822; other@example.org\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n"
        b"Final-Recipient"
    )
    found = read(returned.delivery_report().replace(b"Final-Recipient", blocks, 1))
    assert (found.kind, found.recipients, found.status) == ("failed", (READER,), "5.1.1")


def test_internationalised_reports_are_read_alike() -> None:
    content = returned.delivery_report().replace(
        b"message/delivery-status", b"message/global-delivery-status"
    )
    found = read(content.replace(b"rfc822;", b"utf-8;"))
    assert (found.kind, found.recipients, found.status) == ("failed", (READER,), "5.1.1")


def test_a_vague_status_gives_way_to_the_code_behind_it() -> None:
    assert read(returned.delivery_report(status="5.0.0")).status == "5.1.1"
    plain = returned.delivery_report(status="5.0.0", diagnostic="smtp; 550 no such user")
    assert read(plain).status == "5.0.0"


def test_parts_within_parts_without_end_are_given_up() -> None:
    nested = b"Content-Type: message/rfc822\r\n\r\n" * 5_000
    assert read(nested) == Report(kind=reports.OTHER)


@given(st.binary(max_size=2_000))
def test_no_bytes_raise(content: bytes) -> None:
    assert isinstance(read(content), Report)


@given(st.sampled_from(SAMPLES), st.data())
def test_no_spoilt_report_raises(sample: bytes, data: st.DataObject) -> None:
    """Cut, doubled, overwritten: what a broken program on the way makes of a good report."""
    spoilt = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 8))):
        start = data.draw(st.integers(0, len(spoilt)))
        end = data.draw(st.integers(start, min(len(spoilt), start + 80)))
        spoilt[start:end] = data.draw(
            st.one_of(
                st.binary(max_size=40),
                st.sampled_from([
                    b"Content-Type: message/delivery-status\r\n", b"\r\n\r\n", b"--=b\r\n", b";",
                    b"boundary*=utf-8''%ff", b"=?utf-8?q?=ff?=", b"\xff\xfe", b"charset=nothing",
                    b"Content-Transfer-Encoding: base64\r\n", b"Message-ID: <\r\n", b"\0",
                ]),
            )
        )  # fmt: skip
    found = read(bytes(spoilt))
    assert isinstance(found, Report)
    assert all("\n" not in text for text in (found.diagnostic, *found.recipients, *found.paths))
