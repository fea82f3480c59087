"""Transcripts: speakers' turns are verbatim, reporters' questions are no quotes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quotestance.articles import Article
from quotestance.transcripts import speeches

BRIEFING = (
    "MS. DALE: The bridge opens at noon.\n\nQ: For trucks too?\n\n"
    "MS. DALE: (Through Translator) For trucks at night. (Laughter.)\n"
)


def turns(text: str) -> list[tuple[str, str]]:
    article = Article.of(text)
    view = article.view.text
    return [(view[slice(*t.head)], view[slice(*t.content)]) for t in speeches(article)]


def test_turns_without_questions_asides_and_laughter() -> None:
    assert turns(BRIEFING) == [
        ("MS. DALE", "The bridge opens at noon."),
        ("MS. DALE", "For trucks at night."),
    ]


def test_untitled_heads_need_three_turns() -> None:
    two = "HOLM: It rains.\n\nHOLM: It snows.\n"
    assert turns(two) == []
    assert [head for head, _ in turns(two + "\nHOLM: It hails.\n")] == ["HOLM"] * 3


def test_news_prose_is_no_transcript() -> None:
    assert turns("The mayor put it thus: it rains.\n\nNobody agreed with her at all.\n") == []


@given(st.lists(st.sampled_from([
    "Q: ", "MR. HOLM: ", "HOLM:", "A: ", "It rains. ", "(Laughter.)", "\n", "\n\n", "(", ":",
    "\u202e",
])).map("".join))  # fmt: skip
def test_turns_lie_in_the_view(text: str) -> None:
    if not text.strip():
        return
    article = Article.of(text)
    for turn in speeches(article):
        paragraph = article.paragraphs[turn.paragraph]
        assert paragraph.start == turn.head[0] < turn.head[1] < turn.content[0]
        assert turn.content[0] < turn.content[1] <= paragraph.end
        assert not turn.question
