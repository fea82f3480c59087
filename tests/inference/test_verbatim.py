"""Verbatim by layout: transcripts first, then posts, then pages that are one voice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotestance.articles import Article
from quotestance.quotes import extract
from quotestance.verbatim import speeches

WELCOME = "Today we welcome the new bridge. We thank all who built it. Our door stays open.\n"
PROSE = "The evening got worse.\n\n"


def read(text: str) -> list[tuple[str | None, list[str]]]:
    """Who speaks, and the contents, of each speech."""
    article = Article.of(text)
    view = article.view.text
    return [
        (view[slice(*s.head)] if s.head else None, [view[slice(*c)] for c in s.contents])
        for s in speeches(article)
    ]


def test_a_transcript_keeps_its_questions_and_has_no_posts() -> None:
    article = Article.of(
        "MS. DALE: It opens at noon.\n\nQ: For trucks too?\n\nIt rained.\n— Nia Carty (@niacarty)\n"
    )
    assert [s.question for s in speeches(article)] == [False, True]


POSTS = [
    ("Give him time, he has four cones.\n— Nia Carty (@niacarty) October 15, 2016\n\nDone.\n",
     [("Nia Carty", ["Give him time, he has four cones."])]),
    ("Four cones, that is all.\nGive him time.\n— Nia Carty (@niacarty)\n\nDone.\n",
     [("Nia Carty", ["Four cones, that is all.", "Give him time."])]),
    ("Nia Carty @niacarty\nGive him time, he has four cones.\n\nDone.\n",
     [("Nia Carty", ["Give him time, he has four cones."])]),
    ("Nia Carty @niacarty · Oct 15\nGive him time, he has four cones.\n\nDone.\n",
     [("Nia Carty", ["Give him time, he has four cones."])]),
    ("It rains here.\n— Nia Carty (@nia)\n\nIt snows here.\n-- Ola Berg (@ola) May 1, 2016\n",
     [("Nia Carty", ["It rains here."]), ("Ola Berg", ["It snows here."])]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), POSTS)
def test_posts_go_with_their_authors_line(text: str, expected: list[tuple[str, list[str]]]) -> None:
    assert read(PROSE + text) == expected


def test_without_blank_lines_a_post_is_one_line() -> None:
    text = "It rained.\nIt snowed.\n— Nia Carty (@niacarty)\nNobody was asked.\n"
    assert read(text) == [("Nia Carty", ["It snowed."])]


def test_a_post_takes_its_signature_out_of_the_prose() -> None:
    article = Article.of(PROSE + "Give him time.\n— Nia Carty (@niacarty)\n\nDone.\n")
    (post,) = speeches(article)
    assert sorted(post.paragraphs) == [1, 2]


def test_a_post_is_a_direct_quote_with_its_author() -> None:
    text = PROSE + "Give him time, he has four cones.\n— Nia Carty (@niacarty) May 1, 2016\n"
    (quote,) = extract(Article.of(text))
    assert (quote.kind, quote.source, quote.cue) == ("direct", "Nia Carty", None)
    assert text[slice(*quote.spans[0])] == "Give him time, he has four cones."


@pytest.mark.parametrize(
    "text",
    [
        # a handle inside prose is no signature, and a byline is nobody's post
        "The council met on Monday.\n\nAda Holm (@adaholm), the mayor, said it was late.\n",
        "The bridge is shut\n\nBy Ada Holm @adaholm\n\nThe bridge over the Sill was shut today.\n",
        "Write to ada@holm.example about it.\n\nThe bridge over the Sill was shut on Monday.\n",
    ],
)
def test_handles_that_sign_no_post(text: str) -> None:
    assert read(text) == []


def test_a_line_belongs_to_one_post_only() -> None:
    text = PROSE + "It rains here.\n— Nia Carty (@nia)\n— Ola Berg (@ola)\n\nDone.\n"
    taken = [content for _, contents in read(text) for content in contents]
    assert taken == ["It rains here."]


STATEMENTS = [
    ("Statement by the Embassy of Norland\n\n" + WELCOME, "the Embassy of Norland"),
    ("Remarks of Ada Holm, shipowner\n\n" + WELCOME, "Ada Holm"),
    ("Ministry of Rivers\n\n" + WELCOME, "Ministry of Rivers"),
    ("A new bridge\n\nMinistry of Rivers\n\n" + WELCOME, "Ministry of Rivers"),
    ("News | Ministry of Rivers\n\n" + WELCOME, None),
    ("A new bridge\n\n" + WELCOME, None),
]


@pytest.mark.parametrize(("text", "issuer"), STATEMENTS)
def test_a_page_of_one_voice_has_its_issuer(text: str, issuer: str | None) -> None:
    assert read(text) == [(issuer, [WELCOME.strip()])]


def test_i_speaks_for_a_page_only_where_a_kind_is_named() -> None:
    body = "I left the town in May. I sold my boat. My brother stayed.\n"
    assert read("Why he left\n\n" + body) == []
    assert read("An open letter by Ada Holm\n\n" + body) == [("Ada Holm", [body.strip()])]


def test_all_paragraphs_of_a_statement_are_one_speech() -> None:
    more = "We ask for patience. Our ferries run until May.\n"
    assert read(f"Ministry of Rivers\n\n{WELCOME}\n{more}") == [
        ("Ministry of Rivers", [WELCOME.strip(), more.strip()])
    ]


@pytest.mark.parametrize(
    "body",
    [
        WELCOME.replace("We thank", "“We will never sell a boat,” the mayor said. We thank"),
        "Today we welcome the new bridge. We thank all.\n",  # too short to tell
        "The bridge opened. The mayor came. It rained. Nobody fell in. We saw it all.\n",
    ],
)
def test_news_in_other_voices_is_no_statement(body: str) -> None:
    assert read("Ministry of Rivers\n\n" + body) == []


def test_names_in_marks_leave_a_statement_whole() -> None:
    body = WELCOME.replace("the new bridge", "“Long Bridge”")
    assert read("Ministry of Rivers\n\n" + body) == [("Ministry of Rivers", [body.strip()])]


def test_a_statement_is_one_direct_quote() -> None:
    (quote,) = extract(Article.of("Statement by the Embassy of Norland\n\n" + WELCOME))
    assert (quote.kind, quote.source) == ("direct", "the Embassy of Norland")
    assert quote.text == WELCOME.strip()


PIECES = st.lists(st.sampled_from([
    "Statement by ", "Ministry of Rivers", "Nia Carty (@nia)", "— Ola Berg (@ola) May 1", "@ada",
    "Ada Holm @ada · Oct 1", "MR. HOLM: ", "Q: ", "We wait. ", "Our boat sank. ", "It rains. ",
    "“We wait", "”", "\n", "\n\n", "(", "|", "\u202e", "\u00a0",
]), max_size=30).map("".join)  # fmt: skip


@given(st.one_of(PIECES, st.text(max_size=80)))
def test_speeches_lie_in_the_paragraphs_that_they_take_up(text: str) -> None:
    if not text.strip():
        return
    article = Article.of(text)
    for speech in speeches(article):
        assert speech.contents
        lines = [article.paragraphs[i] for i in speech.paragraphs]
        for start, end in speech.contents:
            assert start < end
            assert any(p.start <= start and end <= p.end for p in lines)
        if speech.head is not None:
            start, end = speech.head
            assert start < end
            assert any(p.start <= start and end <= p.end for p in article.paragraphs)
            assert all(end <= a or b <= start for a, b in speech.contents)
