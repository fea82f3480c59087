"""Quotes of invented texts: the 37 shapes of real pages, then the forms of attribution."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotestance.actors import Actors
from quotestance.articles import Article
from quotestance.quotes import Quote, extract, extract_many
from quotestance.sides import side_of
from quotestance.speakers import resolve

DAY = "2013-10-12"

SHAPES = [
    pytest.param(
        '“The road stays shut," the mayor said.\n\n"We open it in May,” her deputy said.',
        [
            (
                "direct",
                "The road stays shut,",
            ),
            (
                "direct",
                "We open it in May,",
            ),
        ],
        id="01_mixed_pair",
    ),
    pytest.param(
        "He said, ” the bridge will hold.”\n\nThe harbor”s master said the tide was late.",
        [
            (
                "direct",
                "the bridge will hold.",
            ),
            (
                "indirect",
                "the tide was late",
            ),
        ],
        id="02_wrong_direction",
    ),
    pytest.param(
        "The minister admitted “ grave mistakes” in the tender.",
        [
            (
                "mixed",
                "“ grave mistakes” in the tender",
            ),
        ],
        id="03_space_after_open",
    ),
    pytest.param(
        "‘‘The well is dry,’’ she added.\n\n``The pump is broken,'' the engineer said.",
        [
            (
                "direct",
                "The well is dry,",
            ),
            (
                "direct",
                "The pump is broken,",
            ),
        ],
        id="04_doubled_single",
    ),
    pytest.param(
        "‘Nobody will sign before the harvest,’ the statement said.\n\nThe governor’s aide "
        "said the farmers’ union was ‘badly led’.",
        [
            (
                "direct",
                "Nobody will sign before the harvest,",
            ),
            (
                "mixed",
                "the farmers’ union was ‘badly led’",
            ),
        ],
        id="05_single_quote_style",
    ),
    pytest.param(
        '"I`m tired of waiting," the clerk said.',
        [
            (
                "direct",
                "I`m tired of waiting,",
            ),
        ],
        id="06_backtick_apostrophe",
    ),
    pytest.param(
        "The general said the U.N.—led convoy would leave at dawn.",
        [
            (
                "indirect",
                "the U.N.—led convoy would leave at dawn",
            ),
        ],
        id="07_dash_for_hyphen",
    ),
    pytest.param(
        "The envoy said the cityâ€™s offer was fair.\n\nâ€œWe will study it,â€\x9d the mayor said.",
        [
            (
                "indirect",
                "the cityâ€™s offer was fair",
            ),
            (
                "direct",
                "We will study it,",
            ),
        ],
        id="08_mojibake",
    ),
    pytest.param(
        "The colonel wrote that « the valley is calm ».",
        [
            (
                "direct",
                "the valley is calm",
            ),
        ],
        id="09_guillemets",
    ),
    pytest.param(
        'The aide said: "We came in spring and found nothing.\n\n"We leave in autumn with less."',
        [
            (
                "direct",
                "We came in spring and found nothing.",
                "We leave in autumn with less.",
            ),
        ],
        id="10_multi_para",
    ),
    pytest.param(
        "The spokesman gave no date. “Without a reply by noon, we would",
        [
            (
                "direct",
                "Without a reply by noon, we would",
            ),
        ],
        id="11_unclosed_at_cut",
    ),
    pytest.param(
        '"We have read the letter," the chairwoman said. "Then we put it away."',
        [
            (
                "direct",
                "We have read the letter,",
                "Then we put it away.",
            ),
        ],
        id="12_split_quote",
    ),
    pytest.param(
        'Zarmina Wafa, the mayor, closed the session early.\n\n"Nobody here has slept."',
        [
            (
                "direct",
                "Nobody here has slept.",
            ),
        ],
        id="13_bare_quote",
    ),
    pytest.param(
        'One diplomat put it thus: "They are buying time."\n\nHe added: "So are we."',
        [
            (
                "direct",
                "They are buying time.",
            ),
            (
                "direct",
                "So are we.",
            ),
        ],
        id="14_colon_lead",
    ),
    pytest.param(
        '"The dam is finished," said the engineer.\n\n"We can all drink now," said Rahmat',
        [
            (
                "direct",
                "The dam is finished,",
            ),
            (
                "direct",
                "We can all drink now,",
            ),
        ],
        id="15_inverted",
    ),
    pytest.param(
        '"The minister stressed that delay costs lives," the ministry\'s summary said.',
        [
            (
                "direct",
                "delay costs lives",
            ),
        ],
        id="16_reported_via",
    ),
    pytest.param(
        'The draft says the garrison "shall leave the valley".',
        [
            (
                "mixed",
                'the garrison "shall leave the valley"',
            ),
        ],
        id="17_document_quote",
    ),
    pytest.param(
        'The so-called "long freeze" has lasted a month. She wrote of it in "How to '
        'Freeze" (Hill Journal). The mayor said the thaw had begun.',
        [
            (
                "indirect",
                "the thaw had begun",
            ),
        ],
        id="18_scare_titles",
    ),
    pytest.param(
        '"He [the courier] will stay ... until the snow melts," the doctor said.\n\n"They '
        '(the scouts) have gone home," the guard said.',
        [
            (
                "direct",
                "He [the courier] will stay ... until the snow melts,",
            ),
            (
                "direct",
                "They (the scouts) have gone home,",
            ),
        ],
        id="19_brackets",
    ),
    pytest.param(
        "\"We never used the word 'truce' in the letter,\" the lawyer said.\n\n“Sign the "
        "[long named charter] promptly,” the envoy said.",
        [
            (
                "direct",
                "We never used the word 'truce' in the letter,",
            ),
            (
                "direct",
                "Sign the [long named charter] promptly,",
            ),
        ],
        id="20_nested",
    ),
    pytest.param(
        "MINISTER RAHI: We have opened the depot.\n\nQ: Is the road safe?\n\nMINISTER RAHI: "
        "(Through Translator) The road is safe by day.\n\nQ: And by night?\n\nMINISTER RAHI: "
        "By night nobody drives.",
        [
            (
                "direct",
                "We have opened the depot.",
            ),
            (
                "direct",
                "The road is safe by day.",
            ),
            (
                "direct",
                "By night nobody drives.",
            ),
        ],
        id="21_transcript",
    ),
    pytest.param(
        ":01:02. > :01:07.The mayor said the bridge would be shut\n:01:07. > :01:12.for a "
        "month, and the farmers were angry.",
        [
            (
                "indirect",
                "the bridge would be shut",
                "for a month",
            ),
        ],
        id="22_timecodes",
    ),
    pytest.param(
        "Today we welcome the end of the strike at the harbor. We thank the crews for "
        "their patience. We call on the owners to pay what they owe.",
        [
            (
                "direct",
                "Today we welcome the end of the strike at the harbor. We thank the crews for "
                "their patience. We call on the owners to pay what they owe.",
            ),
        ],
        id="23_statement",
    ),
    pytest.param(
        "The order said:\nPatience is the policy of this garrison.",
        [
            (
                "direct",
                "Patience is the policy of this garrison.",
            ),
        ],
        id="24_block_quote",
    ),
    pytest.param(
        '"The mill burned in the night before the fair," the fireman said.\n\nThe miller '
        'said he would rebuild the whole mill by spring.\n\n"The mill burned in the night '
        'before the fair," the fireman said.\n\nThe miller said he would rebuild the whole '
        "mill by spring.",
        [
            (
                "direct",
                "The mill burned in the night before the fair,",
            ),
            (
                "indirect",
                "he would rebuild the whole mill by spring",
            ),
        ],
        id="25_body_dup",
    ),
    pytest.param(
        "The envoy said the truce was near. The envoy said on Friday that the truce had "
        "failed. The guard said the gate was shut.",
        [
            (
                "indirect",
                "the truce was near",
            ),
            (
                "indirect",
                "the truce had failed",
            ),
            (
                "indirect",
                "the gate was shut",
            ),
        ],
        id="26_versions",
    ),
    pytest.param(
        "The governor wants “full control” of the pass before winter\nThe governor wants "
        "“full control” of the pass before winter\nThe shepherds said the pass belonged "
        "to nobody.",
        [
            (
                "indirect",
                "the pass belonged to nobody",
            ),
        ],
        id="27_caption_quotes",
    ),
    pytest.param(
        "(Photo: A. Painter/AGENCY)As most shops opened, the grocer said the sugar was gone.",
        [
            (
                "indirect",
                "the sugar was gone",
            ),
        ],
        id="28_caption_glued",
    ),
    pytest.param(
        "The clerk said the permits would come in time.After the session, the baker said "
        "the clerk had left afterhis visit.",
        [
            (
                "indirect",
                "the permits would come in time",
            ),
            (
                "indirect",
                "the clerk had left afterhis visit",
            ),
        ],
        id="29_glued_words",
    ),
    pytest.param(
        "RIVERTON ( -- The ferrymen said the river was too high.\n\n– With the ferry idle, "
        "the mayor said the market was closed.",
        [
            (
                "indirect",
                "the river was too high",
            ),
            (
                "indirect",
                "the market was closed",
            ),
        ],
        id="30_dateline_lost",
    ),
    pytest.param(
        "The council sat for nine hours on Monday over the bills for\nthe old bridge and "
        'the new tax. "We found no money for the bridge\nand no will for the tax," the '
        "treasurer said after the\nmeeting, which ended near midnight with a vote that "
        "nobody\nwon and a quarrel that nobody lost. The mayor said the vote\nwould be "
        "held again in June, when the members would be less\ntired than they had been "
        "this week.",
        [
            (
                "direct",
                "We found no money for the bridge\nand no will for the tax,",
            ),
            (
                "indirect",
                "the vote\nwould be held again in June, when the members would be less\ntired than "
                "they had been this week",
            ),
        ],
        id="31_hardwrap",
    ),
    pytest.param(
        "The mayor said the fair would open on Sunday.\n\nThe bakers slept late that "
        "day.\n\nRIVERTON, May 4, 2001 - The old mayor said the fair would never open.",
        [
            (
                "indirect",
                "the fair would open on Sunday",
            ),
        ],
        id="32_tail",
    ),
    pytest.param(
        'Wardak also said the tunnel was safe. "It has lights now," he said.',
        [
            (
                "indirect",
                "the tunnel was safe",
            ),
            (
                "direct",
                "It has lights now,",
            ),
        ],
        id="33_mid_article",
    ),
    pytest.param(
        "Farmers reject water tax --- RIVERTON - The farmers said the tax was unjust. -- "
        '"We pay for rain already," the union\'s leader said. -- The mayor said the tax '
        "would stay. --- The council meets on Friday. - More, Agency",
        [
            (
                "indirect",
                "the tax was unjust",
            ),
            (
                "direct",
                "We pay for rain already,",
            ),
            (
                "indirect",
                "the tax would stay",
            ),
        ],
        id="34_dash_paragraphs",
    ),
    pytest.param(
        "“The trucks are still at the border,” correspondent J. Halloway said.",
        [
            (
                "direct",
                "The trucks are still at the border,",
            ),
        ],
        id="35_journalist",
    ),
    pytest.param(
        "The members said, “We need the water.”",
        [
            (
                "direct",
                "We need the water.",
            ),
        ],
        id="36_group",
    ),
    pytest.param(
        '"I was wrong about the canal," the former governor said.',
        [
            (
                "direct",
                "I was wrong about the canal,",
            ),
        ],
        id="37_role_change",
    ),
]

FORMS = [
    pytest.param(
        '"The snow will come early," Laila Noorzad said.',
        [
            (
                "direct",
                "The snow will come early,",
            ),
        ],
        id="direct",
    ),
    pytest.param(
        "Laila Noorzad said that the snow would come early.",
        [
            (
                "indirect",
                "the snow would come early",
            ),
        ],
        id="indirect",
    ),
    pytest.param(
        'Laila Noorzad said the offer was "a slap" to the valley.',
        [
            (
                "mixed",
                'the offer was "a slap" to the valley',
            ),
        ],
        id="mixed",
    ),
    pytest.param(
        '"The snow," she said, "will come early."',
        [
            (
                "direct",
                "The snow,",
                "will come early.",
            ),
        ],
        id="split sentence",
    ),
    pytest.param(
        'The mayor told the crowd: "First we dig the well.\n\n"Then we plant the '
        'trees.\n\n"After that we rest."',
        [
            (
                "direct",
                "First we dig the well.",
                "Then we plant the trees.",
                "After that we rest.",
            ),
        ],
        id="three paras",
    ),
    pytest.param(
        '"The snow came early," she said. "It stayed late," she added.',
        [
            (
                "direct",
                "The snow came early,",
            ),
            (
                "direct",
                "It stayed late,",
            ),
        ],
        id="new cue",
    ),
    pytest.param(
        'The mayor shook his head.\n\n"No bread today."',
        [
            (
                "direct",
                "No bread today.",
            ),
        ],
        id="bare after narrative",
    ),
    pytest.param(
        'Laila Noorzad was blunt: "Go home."',
        [
            (
                "direct",
                "Go home.",
            ),
        ],
        id="colon",
    ),
    pytest.param(
        "The snow would come early, said the shepherd.",
        [
            (
                "indirect",
                "The snow would come early",
            ),
        ],
        id="inverted indirect",
    ),
    pytest.param(
        "According to the shepherd, the snow would come early.",
        [
            (
                "indirect",
                "the snow would come early",
            ),
        ],
        id="according front",
    ),
    pytest.param(
        "The snow would come early, according to the shepherd.",
        [
            (
                "indirect",
                "The snow would come early",
            ),
        ],
        id="according back",
    ),
    pytest.param(
        "The bridge, the mason said, would hold for a century.",
        [
            (
                "indirect",
                "The bridge",
                "would hold for a century",
            ),
        ],
        id="aside",
    ),
    pytest.param(
        "The mayor wanted the gate shut, the town hall said.",
        [
            (
                "indirect",
                "the gate shut",
            ),
        ],
        id="relay aside",
    ),
    pytest.param(
        "The Valley Post reported that the mayor was willing to shut the gate.",
        [
            (
                "indirect",
                "the mayor was willing to shut the gate",
            ),
        ],
        id="relay paper",
    ),
    pytest.param(
        "The newspaper reported that the mayor wanted to shut the gate.",
        [
            (
                "indirect",
                "to shut the gate",
            ),
        ],
        id="relay paper2",
    ),
    pytest.param(
        "The mayor, who has said the gate must stay open, left at noon.",
        [
            (
                "indirect",
                "the gate must stay open",
            ),
        ],
        id="relative",
    ),
    pytest.param(
        "The mayor said the gate was open and denied that anyone had closed it.",
        [
            (
                "indirect",
                "the gate was open",
            ),
            (
                "indirect",
                "anyone had closed it",
            ),
        ],
        id="coord",
    ),
    pytest.param(
        "The mayor demanded a new gate; the mason asked for more stone.",
        [
            (
                "indirect",
                "a new gate",
            ),
            (
                "indirect",
                "more stone",
            ),
        ],
        id="coord speakers",
    ),
    pytest.param(
        "The mayor refused to open the gate.",
        [
            (
                "indirect",
                "to open the gate",
            ),
        ],
        id="refuse",
    ),
    pytest.param(
        "The mayor has ruled out closing the school.",
        [
            (
                "indirect",
                "closing the school",
            ),
        ],
        id="ruled out",
    ),
    pytest.param(
        "The union insists on a written promise.",
        [
            (
                "indirect",
                "a written promise",
            ),
        ],
        id="insists on",
    ),
    pytest.param(
        "The mayor called the plan an insult to the valley.",
        [
            (
                "indirect",
                "the plan an insult to the valley",
            ),
        ],
        id="called it",
    ),
    pytest.param(
        "The union called for a new election.",
        [
            (
                "indirect",
                "a new election",
            ),
        ],
        id="called for",
    ),
    pytest.param(
        "The palace wants the talks to wait until spring.",
        [
            (
                "indirect",
                "the talks to wait until spring",
            ),
        ],
        id="wants",
    ),
    pytest.param(
        "The envoy asked whether the talks would go on.",
        [
            (
                "indirect",
                "whether the talks would go on",
            ),
        ],
        id="asked whether",
    ),
    pytest.param(
        "The mayor urged the farmers to sell their wheat early.",
        [
            (
                "indirect",
                "the farmers to sell their wheat early",
            ),
        ],
        id="urge",
    ),
    pytest.param(
        "The mayor told reporters on Friday that the gate was shut.",
        [
            (
                "indirect",
                "the gate was shut",
            ),
        ],
        id="told that",
    ),
    pytest.param(
        "The doctor warned of a second flood.",
        [
            (
                "indirect",
                "a second flood",
            ),
        ],
        id="warned of",
    ),
    pytest.param(
        "The plan was rejected by the union.",
        [],
        id="passive agent",
    ),
    pytest.param(
        "Talks have stalled. The river froze over in the night.",
        [],
        id="voice none",
    ),
    pytest.param(
        "If the mayor agrees to open the gate, the market will fill.",
        [],
        id="cond",
    ),
    pytest.param(
        'The so-called "iron winter" has ended.',
        [],
        id="scare",
    ),
    pytest.param(
        'She is the author of "The Long Road".',
        [],
        id="title",
    ),
    pytest.param(
        "The mayor repeated his demand that the gate be opened.",
        [
            (
                "indirect",
                "the gate be opened",
            ),
        ],
        id="nominal",
    ),
    pytest.param(
        "The council is considering a ban on trucks.",
        [
            (
                "indirect",
                "a ban on trucks",
            ),
        ],
        id="considering",
    ),
    pytest.param(
        "The mayor called the plan “an insult”.",
        [
            (
                "mixed",
                "the plan “an insult”",
            ),
        ],
        id="fragment direct",
    ),
    pytest.param(
        '"Who opened the gate?" the mason asked.',
        [
            (
                "direct",
                "Who opened the gate?",
            ),
        ],
        id="question",
    ),
    pytest.param(
        "The elders met for an hour to talk about the bridge.",
        [],
        id="talk about",
    ),
    pytest.param(
        "“We are late,” she said, adding that the bus had broken down.",
        [
            (
                "direct",
                "We are late,",
            ),
            (
                "indirect",
                "the bus had broken down",
            ),
        ],
        id="he in pair",
    ),
    pytest.param(
        "The shepherd believes the snow will come early.",
        [
            (
                "indirect",
                "the snow will come early",
            ),
        ],
        id="believes",
    ),
    pytest.param(
        "Q: Will it snow?\n\nMR. HOLM: It will snow by noon.\n\nMS. DAL: (Laughter.) I hope "
        "not. (Laughter.)",
        [
            (
                "direct",
                "It will snow by noon.",
            ),
            (
                "direct",
                "I hope not.",
            ),
        ],
        id="journalist q",
    ),
    pytest.param(
        "One adviser called the bridge a blessing, the other a burden.",
        [("indirect", "the bridge a blessing"), ("indirect", "a burden")],
        id="gapped",
    ),
    pytest.param(
        "As the mayor told reporters, the bridge is ready for lorries.",
        [("indirect", "the bridge is ready for lorries")],
        id="as told",
    ),
    pytest.param(
        'The mayor said," the bridge is ready."',
        [("direct", "the bridge is ready.")],
        id="mark behind the wrong space",
    ),
    pytest.param(
        "The mayor says the bridge was safe and has refused to close it.",
        [("indirect", "the bridge was safe"), ("indirect", "to close it")],
        id="tense goes back to the cue",
    ),
    pytest.param(
        "The council wants a new bridge, saying that the old one shakes.",
        [("indirect", "a new bridge"), ("indirect", "the old one shakes")],
        id="comment clause",
    ),
    pytest.param(
        "The bridge, he said, “will outlive us all.”",
        [("mixed", "The bridge", "“will outlive us all.”")],
        id="inserted cue with a fragment",
    ),
    pytest.param(
        "“We built it to last,\nand it will last.” - Ada Holm",
        [("direct", "We built it to last,", "and it will last.")],
        id="signed, over two lines",
    ),
    pytest.param(
        "Mayor: no new bridge before spring\n\nThe river rose again on Sunday night, for the third "
        "time in a month, and the lower streets were under water by dawn.",
        [("indirect", "no new bridge before spring")],
        id="headline",
    ),
]


def read(text: str) -> tuple[Article, list[Quote]]:
    article = Article.of(text, id="x", date=DAY)
    return article, extract(article)


def found(text: str) -> list[tuple[str, ...]]:
    """The kind of each quote and the words of its spans."""
    article, quotes = read(text)
    return [(q.kind, *(article.text[s:e] for s, e in q.spans)) for q in quotes]


@pytest.mark.parametrize(("text", "expected"), SHAPES)
def test_shapes_of_real_pages(text: str, expected: list[tuple[str, ...]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(("text", "expected"), FORMS)
def test_forms_of_attribution(text: str, expected: list[tuple[str, ...]]) -> None:
    assert found(text) == expected


def test_clause_behind_in_a_statement() -> None:
    text = "ISAF said in a statement that the convoy had turned back."
    assert found(text) == [("indirect", "the convoy had turned back")]


def test_cue_source_and_via_are_words_of_the_article() -> None:
    article, (quote,) = read("The palace wanted the gate shut, the state broadcaster said.")
    assert (quote.cue, quote.source, quote.via) == ("wanted", "The palace", "the state broadcaster")
    assert quote.cue_span and article.text[slice(*quote.cue_span)] == "wanted"
    assert quote.source_span and article.text[slice(*quote.source_span)] == "The palace"


def test_auxiliaries_belong_to_the_cue() -> None:
    _, (quote,) = read("The mayor has ruled out closing the school.")
    assert (quote.cue, quote.cue_class, quote.source) == ("has ruled out", "refuse", "The mayor")


def test_a_bare_quote_takes_the_subject_of_the_paragraph_before() -> None:
    _, (quote,) = read('The mayor shook his head.\n\n"No bread today."')
    assert (quote.cue, quote.source) == (None, "The mayor")


def test_a_quote_nobody_is_named_for_has_no_source() -> None:
    _, (quote,) = read("“We will wait.”")
    assert (quote.cue, quote.source, quote.source_span) == (None, None, None)


def test_many_articles_give_what_each_gives_alone() -> None:
    texts = [str(p.values[0]) for p in SHAPES]
    articles = [Article.of(text, date=DAY) for text in texts]
    assert list(extract_many(articles, window=5)) == [extract(a) for a in articles]


def check_spans(text: str) -> None:
    article, quotes = read(text)
    assert article.text == text
    for quote in quotes:
        assert quote.spans
        for start, end in (*quote.spans, *filter(None, (quote.cue_span, quote.source_span))):
            assert 0 <= start < end <= len(text)
            assert text[start:end].strip()
        assert quote.cue is None or text[slice(*(quote.cue_span or (0, 0)))] == quote.cue
        assert quote.source is None or text[slice(*(quote.source_span or (0, 0)))] == quote.source


PIECES = [
    "“", "”", '"', "‘", "’", "«", "»", "''", "``", "â€œ", "Ã©",
    "\u200b", "\u202e", "\u00ad", "\x00",
    "\x0b", "\r\n", "\n", "\n\n", "\u2028", "\ufeff", "\U0001f600", "\U0001f468\u200d\U0001f33e",
    "שלום", "سلام", "e\u0301", "—", " -- ", "...", ":", ",", ".", "?", "(", "[", "]", ")", " ",
    "Q: ", "MR. HOLM: ", "RIVERTON ( -- ", ":01:02. > :01:07.", "the mayor said ", "she added",
    "He refused to wait", "according to", "We will wait", "so-called ", "and denied that",
]  # fmt: skip
SPARING = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@SPARING
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=40).map("".join))
def test_spans_lie_inside_damaged_news_text(text: str) -> None:
    if text.strip():
        check_spans(text)


@SPARING
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300))
def test_spans_lie_inside_any_text(text: str) -> None:
    if text.strip():
        check_spans(text)


# ---------------------------------------------------------------- figures on the dev articles


def characters(spans: object) -> set[int]:
    return {i for s, e in spans for i in range(s, e)}  # type: ignore[attr-defined]


def match(quotes: list[Quote], gold: list[dict]) -> dict[int, int]:
    """Quote → gold quote, greedily by the Jaccard index of their characters, from 0.5 up."""
    pairs = []
    for i, quote in enumerate(quotes):
        mine = characters(quote.spans)
        for j, label in enumerate(gold):
            theirs = characters(label["spans"])
            pairs.append((len(mine & theirs) / len(mine | theirs), i, j))
    matched: dict[int, int] = {}
    for score, i, j in sorted(pairs, reverse=True):
        if score >= 0.5 and i not in matched and j not in matched.values():
            matched[i] = j
    return matched


def test_dev_articles_keep_their_floor(project: Path, actors: Actors) -> None:
    hits = wanted = extra = right = matches = 0
    paths = sorted((project / "tests/data/bsa_dev").glob("*.json"))
    assert len(paths) == 13
    for path in paths:
        data = json.loads(path.read_text(encoding="utf-8"))
        article, gold = Article.of(data["text"], date=data["date"]), data["quotes"]
        quotes = extract(article)
        speakers = resolve(article, quotes, actors)
        matched = match(quotes, gold)
        required = {j for j, label in enumerate(gold) if not label.get("optional")}
        hits += len(required & set(matched.values()))
        wanted += len(required)
        extra += len(quotes) - len(matched)
        for i, j in matched.items():
            side = side_of(speakers[i], actors, article.date, context=quotes[i].before)
            right += side.label == gold[j]["side"]
        matches += len(matched)
    assert 2 * hits / (hits + wanted + extra) >= 0.85
    assert right / matches >= 0.85


@pytest.mark.parametrize(
    ("text", "spans", "source"),
    [
        (
            "According to the miller, Osk Varn, the bridge will hold until spring.",
            ["the bridge will hold until spring"],
            "the miller",
        ),
        (
            "The bridge will hold until spring, according to the miller.",
            ["The bridge will hold until spring"],
            "the miller",
        ),
        (
            "The bridge, according to the town's engineers, will hold until the spring floods.",
            ["The bridge", "will hold until the spring floods"],
            "the town's engineers",
        ),
    ],
)
def test_according_to_stands_first_last_and_between(
    text: str, spans: list[str], source: str
) -> None:
    (quote,) = extract(Article.of(text))
    assert [text[s:e] for s, e in quote.spans] == spans
    assert quote.cue is not None
    assert quote.cue.lower() == "according to"
    assert quote.source == source
