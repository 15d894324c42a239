"""Every text is translated into every language, and says the same with the same values."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Catalog, Message

from tests.support import messages

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
TAG = re.compile(r"</?[a-z]+")


@pytest.fixture(scope="module")
def wanted() -> Catalog:
    return messages.found()


@pytest.fixture(scope="module", params=messages.TRANSLATED)
def held(request: pytest.FixtureRequest) -> Catalog:
    return messages.held(request.param)


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def ids(catalogue: Catalog) -> set[str]:
    return {forms(message.id)[0] for message in catalogue if message.id}


def test_catalogues_hold_today_s_texts(wanted: Catalog, held: Catalog) -> None:
    assert ids(wanted) - ids(held) == set(), "run: make messages, then translate"
    assert ids(held) - ids(wanted) == set(), "no longer used; run: make messages"


def test_every_text_is_translated(held: Catalog) -> None:
    empty = [message.id for message in held if message.id and not all(forms(message.string))]
    assert empty == []
    assert [message.id for message in held if message.id and message.fuzzy] == []


def test_translations_use_the_same_values_and_tags(held: Catalog) -> None:
    translated = [message for message in held if message.id and all(forms(message.string))]
    wrong = [message.id for message in translated if not same_slots(message)]
    assert wrong == []


def same_slots(message: Message) -> bool:
    """A singular may leave its number out ("one call"); everything else says every value."""
    every = {name for form in forms(message.id) for name in PLACEHOLDER.findall(form)}
    optional = {"n"} if message.pluralizable else set()
    return all(
        every - optional <= set(PLACEHOLDER.findall(form)) <= every
        and sorted(TAG.findall(form)) == sorted(TAG.findall(forms(message.id)[-1]))
        for form in forms(message.string)
    )
