"""The demo's files: complete in three languages, spelt as each language does, true to themselves."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from feedsvc.calls import rules
from feedsvc.calls.edits import CallEdit
from feedsvc.demo import files
from feedsvc.demo.files import Content, EntryFile
from feedsvc.demo.load import FOLDER
from feedsvc.demo.tables import BadContent
from feedsvc.i18n import LOCALES

TODAY = dt.date(2026, 3, 2)
NO_BREAK = "\u00a0\u202f"
INVENTED = {"example-fund", "example-foundation"}
MONEY = re.compile(rf"(?:EUR|€)[{NO_BREAK}]?(\d[\d,]*)|(\d[\d.{NO_BREAK}]*)[{NO_BREAK}](?:EUR|€)")


@pytest.fixture(scope="module")
def content() -> Content:
    return files.read(FOLDER, today=TODAY)


def calls(content: Content) -> dict[str, CallEdit]:
    return {f.name: f.edit for f in content.entries if isinstance(f.edit, CallEdit)}


def texts_of(file: EntryFile, language: str) -> Iterator[str]:
    """Everything that a reader of that language sees of an entry."""
    text = file.edit.texts[language]
    yield from (text.title, text.summary, text.body, *text.sections.values())
    for quote in text.quotes:
        yield from (quote.text, quote.source)
    for change in file.changes:
        yield change.reasons[language]
    if isinstance(file.edit, CallEdit):
        yield from (date.labels[language] for date in file.edit.key_dates if date.labels)


def every_text(content: Content, language: str) -> Iterator[str]:
    for file in content.entries:
        yield from texts_of(file, language)
    for cluster in content.clusters:
        name = cluster.texts[language]
        yield from (name.name, name.summary, name.body)
    yield from (organisation.names[language] for organisation in content.organisations)


def amounts(text: str) -> set[Decimal]:
    found = ("".join(pair) for pair in MONEY.findall(text))
    return {Decimal(re.sub(r"\D", "", amount)) for amount in found}


def test_every_entry_says_the_same_in_three_languages(content: Content) -> None:
    for file in content.entries:
        assert set(file.edit.texts) == set(LOCALES), file.name
        shapes = {
            (
                tuple(text.sections),
                len(text.quotes),
                text.body.count("\n## "),
                text.body.count("\n"),
            )
            for text in file.edit.texts.values()
        }
        assert len(shapes) == 1, f"{file.name}: parts or paragraphs differ between the languages"
        assert all(text.strip() for code in LOCALES for text in texts_of(file, code)), file.name


def test_every_text_is_there_once(content: Content) -> None:
    titles = [text.title for file in content.entries for text in file.edit.texts.values()]
    assert len(titles) - len(set(titles)) <= 4, "only proper names are the same in two languages"


@pytest.mark.parametrize("language", LOCALES)
def test_texts_are_set_with_real_apostrophes_and_quotation_marks(
    content: Content, language: str
) -> None:
    marks = {"en": "„«»", "fr": "„“”", "de": "”«»"}[language]
    for text in every_text(content, language):
        assert not re.search(rf"['\"{marks}]", text), text
        assert "  " not in text, text


def test_french_keeps_its_no_break_spaces(content: Content) -> None:
    for text in every_text(content, "fr"):
        assert not re.search(rf"[^{NO_BREAK}][;:!?»]|«[^{NO_BREAK}]", text), text
        assert not re.search(r"\d (?:\d{3}|%|EUR|€)", text), text


def test_german_keeps_figures_and_units_together(content: Content) -> None:
    for text in every_text(content, "de"):
        assert not re.search(r"\d (?:\d{3}|%|EUR|€|Uhr)", text), text


def test_nobody_is_named_and_every_address_is_an_example(content: Content) -> None:
    addresses = [cluster.manager_email for cluster in content.clusters]
    addresses += [edit.contact_email for edit in calls(content).values() if edit.contact_email]
    assert addresses
    assert all(address.endswith(".example") for address in addresses)
    assert not any("@" in text for code in LOCALES for text in every_text(content, code))


def test_the_clusters_are_those_of_the_model_agency(content: Content) -> None:
    told = {
        cluster.slug: (cluster.founded, [name.name for name in cluster.former_names])
        for cluster in content.clusters
    }
    assert told == {
        "materials-manufacturing": (2001, ["SurfMat"]),
        "ict": (2002, ["InfoComm"]),
        "healthtech": (2008, ["BioHealth"]),
        "cleantech": (2009, ["EcoInnovation"]),
        "automobility": (2013, ["Automotive Components"]),
        "wood": (2016, []),
        "creative-industries": (2017, []),
    }
    assert all(cluster.manager_email for cluster in content.clusters)
    assert all(text.manager_role for cluster in content.clusters for text in cluster.texts.values())
    assert len({cluster.colour for cluster in content.clusters}) == 7


def test_the_news_keep_their_days(content: Content) -> None:
    published = {file.name: file.published.isoformat() for file in content.entries}
    assert published["news/waste-heat-time-to-act"] == "2024-03-28"
    assert published["news/business-partnership-facility"] == "2024-03-15"
    assert published["news/start-up-hubs-ranking"] == "2024-03-14"
    assert published["news/waste-heat-advantages"] == "2024-02-29"
    assert published["news/horizon-2020-impact"] == "2024-02-20"


def test_the_business_partnership_facility_is_told_right(content: Content) -> None:
    call = calls(content)["calls/business-partnership-facility-11"]
    assert call.funders == ("luxembourg-cooperation",)
    assert (call.edition, call.award_max, call.currency) == ("11", 200_000, "EUR")
    (deadline,) = call.key_dates
    assert (deadline.type, deadline.date, deadline.time) == (
        "submission", dt.date(2024, 4, 30), None,
    )  # fmt: skip
    news = next(f for f in content.entries if f.name == "news/business-partnership-facility")
    for code in LOCALES:
        assert amounts(" ".join(texts_of(news, code))) == {200_000}


def test_money_in_a_text_is_money_of_the_call(content: Content) -> None:
    for file in content.entries:
        if isinstance(file.edit, CallEdit):
            known = {file.edit.total_budget, file.edit.award_min, file.edit.award_max}
            for code in LOCALES:
                assert amounts(" ".join(texts_of(file, code))) <= known, file.name


def test_relations_and_clusters_lead_somewhere(content: Content) -> None:
    names = {file.name for file in content.entries}
    clusters = {cluster.slug for cluster in content.clusters}
    for file in content.entries:
        assert set(file.related) <= names - {file.name}, file.name
        assert file.edit.clusters, file.name
        assert set(file.edit.clusters) <= clusters, file.name


def test_every_cluster_has_calls_to_show(content: Content) -> None:
    for cluster in content.clusters:
        assert sum(cluster.slug in edit.clusters for edit in calls(content).values()) >= 3


def test_examples_are_funded_by_nobody_real(content: Content) -> None:
    for name, edit in calls(content).items():
        assert edit.is_example == name.startswith("calls/example-"), name
        assert (set(edit.funders) <= INVENTED) == edit.is_example, name
        assert bool(edit.info_url) != edit.is_example, f"{name}: real calls name their source"


def test_real_dates_do_not_depend_on_the_day() -> None:
    days = [TODAY, dt.date(2027, 7, 19)]
    first, second = (
        [f for f in files.read(FOLDER, today=day).entries if not f.edit.is_example] for day in days
    )
    assert first == second


@pytest.mark.parametrize("month", range(1, 13))
def test_the_examples_are_possible_on_any_day(month: int) -> None:
    """Also around a clock change and on 29 February, where a date may be the last of its month."""
    for day in (1, 15, 28, 29):
        content = files.read(FOLDER, today=dt.date(2028, month, day))
        for file in content.entries:
            if isinstance(file.edit, CallEdit):
                for edit in (file.edit, *(change.edit for change in file.changes)):
                    if edit is not None:
                        rules.check(edit)


def test_the_examples_show_every_way_to_close(content: Content) -> None:
    examples = [edit for edit in calls(content).values() if edit.is_example]
    models = {edit.deadline_model for edit in examples}
    assert models >= {"single_stage", "two_stage", "multiple_cut_off", "rolling"}
    dates = [date for edit in examples for date in edit.key_dates]
    assert any(date.zone == "AoE" for date in dates)
    assert any(date.certainty == "estimated" for date in dates)
    assert any(date.precision == "month" for date in dates)


def write(folder: Path, text: str) -> Path:
    path = folder / "calls" / "mine.toml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("published = 2026-01-01\nfounders = ['x']", "calls/mine.toml: “founders” means nothing"),
        ("published = '2026-01-01'", "“published” is not of the right kind"),
        ("published = true", "“published” is not of the right kind"),
        ("clusters = ['wood']", "“published” is missing"),
        ("published = 2026-01-01\n[[key_dates]]\ntyp = 'x'", "“date” is missing"),
        ("published = 2026-01-01\n[[key_dates]]\ndate = 3\ntyp = 'x'", "key_dates.0: “typ” means"),
        ("published = 2026-01-01\nclusters = [1]", "“clusters” must be a list of texts"),
        ("published = 2026-01-01\n[funding]\naward_max = '5'", "funding: “award_max” is not of"),
        ("published = ", "mine.toml: "),
    ],
)
def test_a_mistyped_file_is_refused_by_name(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadContent, match=re.escape(says)):
        files.read(write(tmp_path, text), today=TODAY)


def test_a_number_stands_for_days_from_today(tmp_path: Path) -> None:
    text = "published = -3\n[[key_dates]]\ntype = 'submission'\ndate = +12\nzone = 'UTC'"
    (file,) = files.read(write(tmp_path, text), today=TODAY).entries
    assert isinstance(file.edit, CallEdit)
    assert file.published == dt.date(2026, 2, 27)
    assert file.edit.key_dates[0].date == dt.date(2026, 3, 14)
