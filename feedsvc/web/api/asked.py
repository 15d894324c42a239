"""What a request asks for, read from its address and body. Every problem is told at once.

1. What the protocol does not know is refused by name, never ignored: who mistypes `filters` must
   not be given everything.
2. Filters and orders that another system may have and this one has not are the exception, by the
   protocol's own rule: they are left out, and told in `filterInfo.errors` and `sortInfo.errors`.
3. Optional members that are null are as good as absent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from feedsvc.calls.opportunities import Search
from feedsvc.content.filters import MAX_QUERY
from feedsvc.web import context
from feedsvc.web.api import filters
from feedsvc.web.api.errors import Trouble, meaningless
from feedsvc.web.api.filters import CUSTOM_FILTERS, FILTERS
from feedsvc.web.api.members import Problems, known, member

Json = dict[str, Any]
Arguments = MultiDict[str, str]

LARGEST_PAGE_NUMBER = 2**31 - 1  # the protocol's int32
LARGEST_PAGE = 100
DEEPEST = 12  # a search of every filter is six deep
SORTS = {
    "lastModifiedAt": "updated",
    "createdAt": "published",
    "title": "title",
    "status.value": "standing",
    "keyDates.closeDate": "closes",
    "funding.maxAwardAmount": "award_max",
    "funding.minAwardAmount": "award_min",
    "funding.totalAmountAvailable": "total_budget",
    "funding.estimatedAwardCount": "expected_awards",
}
CUSTOM_SORTS = {"opens": "opens"}
CUSTOM, DEFAULT_SORT = "custom", "lastModifiedAt"
ORDERS = ("asc", "desc")
NO_CHARACTER = "The body holds what is no character: U+0000, or one half of a surrogate pair."

_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True)
class Pagination:
    page: int = 1
    size: int = LARGEST_PAGE


@dataclass(frozen=True)
class Asked:
    """A search, and what is told of it in the answer."""

    search: Search
    pages: Pagination
    filters: Json
    filter_errors: tuple[str, ...]
    sort_info: Json


def listing(args: Arguments) -> Pagination:
    """The page of a list. Raises: Refused."""
    problems = Problems()
    pages = _arguments(args, Pagination(), problems)
    problems.settle()
    return pages


def alone(args: Arguments) -> None:
    """An address that takes nothing but a language. Raises: Refused."""
    problems = Problems()
    _language(args, problems)
    known(args, ("lang",), "", problems)
    problems.settle()


def search(data: bytes, args: Arguments) -> Asked:
    """Raises: Refused."""
    body = _body(data)
    problems = Problems()
    known(body, ("search", "filters", "sorting", "pagination"), "", problems)
    text = member(body, "search", str, "", problems) or ""
    if len(text) > MAX_QUERY:
        problems.add("search", f"Search for at most {MAX_QUERY} characters.")
    wanted = member(body, "filters", dict, "", problems) or {}
    found = filters.read(wanted, problems)
    sorting = member(body, "sorting", dict, "", problems) or {}
    order, sort_info = _sorting(sorting, problems)
    paging = member(body, "pagination", dict, "", problems) or {}
    # Clients before SDK 0.9 put the page they want into the address.
    pages = _arguments(args, _pagination(paging, problems), problems)
    problems.settle()
    whole = replace(
        found,
        wanted=replace(found.wanted, q=text.strip()),
        order=order,
        ascending=sort_info["sortOrder"] == "asc",
    )
    return Asked(whole, pages, wanted, tuple(_unsupported(wanted)), sort_info)


def _unsupported(wanted: Json) -> Iterable[str]:
    custom = wanted.get(filters.CUSTOM) or {}
    names = [name for name in wanted if name not in (*FILTERS, filters.CUSTOM)]
    names += [name for name in custom if name not in CUSTOM_FILTERS]
    return [f"Unsupported filter: {name[:60]}" for name in names]


def _body(data: bytes) -> Json:
    try:
        body = json.loads(data, parse_constant=_no_number)
    except RecursionError:
        raise meaningless([Trouble("", "The body is nested too deeply.")]) from None
    except ValueError as error:  # no UTF-8, no JSON, or a number of thousands of digits
        raise meaningless([Trouble("", f"The body is no JSON: {str(error)[:200]}.")]) from None
    if not isinstance(body, dict):
        raise meaningless([Trouble("", "The body must be an object, like {}.")])
    if trouble := _trouble(body, DEEPEST):
        raise meaningless([Trouble("", trouble)])
    return body


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _trouble(value: Any, deeper: int) -> str:
    """What no answer could repeat and no database could look for; empty if there is nothing."""
    if isinstance(value, str):
        return NO_CHARACTER if _NO_CHARACTER.search(value) else ""
    if not isinstance(value, dict | list):
        return ""
    if not deeper:
        return "The body is nested too deeply."
    parts = [*value, *value.values()] if isinstance(value, dict) else value
    return next((said for part in parts if (said := _trouble(part, deeper - 1))), "")


def _sorting(sorting: Json, problems: Problems) -> tuple[str, Json]:
    """The order, and what the answer says of it."""
    known(sorting, ("sortBy", "customSortBy", "sortOrder"), "sorting.", problems)
    by = member(sorting, "sortBy", str, "sorting.", problems)
    own = member(sorting, "customSortBy", str, "sorting.", problems)
    way = member(sorting, "sortOrder", str, "sorting.", problems) or "desc"
    if way not in ORDERS:
        problems.choose("sorting.sortOrder", way, ORDERS)
    if by is not None and by not in (*SORTS, CUSTOM):
        problems.choose("sorting.sortBy", by, (*SORTS, CUSTOM))
    if by == CUSTOM and own is None:
        problems.add("sorting.customSortBy", "Say by what: sortBy is custom.")
    info: Json = {"sortBy": by or DEFAULT_SORT, "sortOrder": way, "errors": []}
    if own is None or by not in (None, CUSTOM):
        return SORTS.get(info["sortBy"], ""), info
    if own in CUSTOM_SORTS:
        return CUSTOM_SORTS[own], {**info, "sortBy": CUSTOM, "customSortBy": own}
    told = f"Unsupported customSortBy: {own[:60]}; sorted by {DEFAULT_SORT}"
    return SORTS[DEFAULT_SORT], {**info, "sortBy": DEFAULT_SORT, "errors": [told]}


def _pagination(paging: Json, problems: Problems) -> Pagination:
    known(paging, ("page", "pageSize"), "pagination.", problems)
    page = member(paging, "page", int, "pagination.", problems)
    size = member(paging, "pageSize", int, "pagination.", problems)
    return _within(page, size, Pagination(), "pagination.", problems)


def _arguments(args: Arguments, default: Pagination, problems: Problems) -> Pagination:
    """The page that the address asks for."""
    _language(args, problems)
    known(args, ("page", "pageSize", "lang"), "", problems)
    page, size = (_number(args, name, problems) for name in ("page", "pageSize"))
    return _within(page, size, default, "", problems)


def _number(args: Arguments, name: str, problems: Problems) -> int | None:
    text = args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        problems.add(name, f"Write a whole number instead of “{text[:60]}”.")
        return None
    return int(text)


def _within(
    page: int | None, size: int | None, default: Pagination, prefix: str, problems: Problems
) -> Pagination:
    if page is not None and not 1 <= page <= LARGEST_PAGE_NUMBER:
        problems.add(f"{prefix}page", f"Pages go from 1 to {LARGEST_PAGE_NUMBER}.")
    if size is not None and not 1 <= size <= LARGEST_PAGE:
        problems.add(f"{prefix}pageSize", f"A page holds 1 to {LARGEST_PAGE} opportunities.")
    return Pagination(
        default.page if page is None else page, default.size if size is None else size
    )


def _language(args: Mapping[str, str], problems: Problems) -> None:
    """Answer in the language that the address asks for."""
    code = args.get("lang")
    if code is None:
        return
    if code not in context.site().languages:
        problems.choose("lang", code, context.site().languages)
    else:
        context.speak(code)
