"""How a reader describes their organisation: a part of the filter, in the address."""

from __future__ import annotations

from decimal import Decimal

import pytest

from feedsvc.content.filters import BadFilter, Filter, parse
from feedsvc.content.profiles import Profile

TYPED = [
    ("my_kind", "sme"), ("my_country", "lu"), ("my_cluster", "wood"), ("my_cluster", "ict"),
    ("my_theme", "heat  pumps; hydrogen, heat pumps"), ("my_amount", "150000.00"),
    ("my_currency", "eur"), ("my_share", "40"), ("my_trl", "5"), ("my_trl", "4"), ("my_days", "20"),
]  # fmt: skip


def test_a_description_is_printed_in_one_way_however_it_was_typed() -> None:
    found = parse(TYPED)
    assert found.query() == (
        "my_kind=sme&my_country=LU&my_cluster=ict&my_cluster=wood"
        "&my_theme=heat+pumps%2C+hydrogen&my_amount=150000&my_currency=EUR&my_share=40"
        "&my_trl=4&my_trl=5&my_days=20"
    )
    assert parse(found.pairs()) == found
    assert found.profile.themes == ("heat pumps", "hydrogen")


def test_a_description_is_about_calls_and_stays_true_as_time_passes() -> None:
    found = parse(TYPED)
    assert found.only_calls
    assert found.standing() == found
    assert found.without("profile") == Filter()


def test_what_a_form_sends_beside_empty_fields_says_nothing() -> None:
    assert parse([("my_currency", "EUR"), ("my_amount", ""), ("my_theme", " ")]) == Filter()


def test_an_own_share_of_nothing_is_said() -> None:
    assert parse([("my_share", "0")]).profile == Profile(share=0)


def test_an_amount_is_in_euros_unless_another_currency_is_named() -> None:
    assert parse([("my_amount", "5")]).profile == Profile(amount=Decimal(5), currency="EUR")


@pytest.mark.parametrize(
    ("pair", "named"),
    [
        (("my_kind", "hero"), "hero"),
        (("my_country", "Luxembourg"), "my_country"),
        (("my_amount", "much"), "my_amount"),
        (("my_share", "101"), "my_share"),
        (("my_share", "-1"), "my_share"),
        (("my_trl", "10"), "my_trl"),
        (("my_days", "0"), "my_days"),
        (("my_days", "366"), "my_days"),
        (("my_theme", ","), "my_theme"),
        (("my_theme", "heat, !!!"), "my_theme"),
        (("my_theme", "a,b,c,d,e,f,g,h,i,j,k"), "my_theme"),
        (("my_size", "big"), "my_size"),
    ],
)
def test_what_describes_nothing_is_refused_by_name(pair: tuple[str, str], named: str) -> None:
    with pytest.raises(BadFilter, match=f"“{named}”"):
        parse([pair])
