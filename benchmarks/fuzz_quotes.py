"""Damage texts at random and look whether extraction, speakers and sides stay sound.

    python benchmarks/fuzz_quotes.py [--cases N] [--workers N] [--seed N] [--output FILE]

Each case is a stretch of an invented article (``tests/data/bsa_dev``, ``seeds/stories/train``)
after one to six mutations: cut, doubled, shuffled, marks swapped or sown, control characters, null
bytes, right-to-left text, emoji, other encodings' damage, line breaks, attributions without end. A
case is sound if nothing raises, every span lies inside the text and holds the words that the quote
gives, every probability is one, and every side is a side. What fails is written to ``build/fuzz``.

Then texts that invite quadratic time are grown fourfold twice over: quotation marks, cues,
brackets, names, unclosed paragraphs. The growth of CPU time is shown; 4 is linear, 16 quadratic.
"""

from __future__ import annotations

import argparse
import json
import random
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from quotestance.actors import Actors, load_actors
from quotestance.articles import Article
from quotestance.output import write_json
from quotestance.quotes import Quote, extract_many
from quotestance.setting import Setting
from quotestance.sides import side_of
from quotestance.speakers import resolve
from quotestance_training.labelled import load_labelled

ROOT = Path(__file__).parents[1]
BATCH = 1000  # cases that are parsed together
SIDES = {"us", "afghan", "other", "unknown"}
MARKS = "\"“”‘’'«»„`"
SOWN = [
    *MARKS, "''", "``", "\x00", "\x0b", "\u200b", "\u202e", "\u2066", "\ufeff", "\u00ad", "\r\n",
    "\n", "\n\n", "\u2028", "\ufffd", "😀", "👨\u200d🌾", "e\u0301", "שלום ", "سلام ", "中文",
    "â€œ", "â„¢", "Б─°", "‚Äô", " -- ", "—", "…", "(", ")", "[", "]", ": ", "Q: ", "MR. HOLM: ",
    "@holm", "according to ", " he said, ", " said the mayor", ", which ", " and has refused to ",
    "— Ada Holm (@ada) May 1, 2013\n", ":01:02. > :01:07.", "By Ada Holm\n",
    "Photo: Ada Holm/AP\n", "a" * 400, "\ud7ff",
]  # fmt: skip
Mutation = Callable[[str, random.Random], str]


def _cut(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text))
    return text[start : start + chance.randint(1, len(text))]


def _doubled(text: str, chance: random.Random) -> str:
    part = _cut(text, chance)
    at = chance.randrange(len(text) + 1)
    return text[:at] + part + text[at:]


def _shuffled(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    start = chance.randrange(len(words))
    some = words[start : start + 12]
    chance.shuffle(some)
    return " ".join([*words[:start], *some, *words[start + 12 :]])


def _marks_swapped(text: str, chance: random.Random) -> str:
    return "".join(
        chance.choice(MARKS) if c in MARKS and chance.random() < 0.5 else c for c in text
    )


def _marks_lost(text: str, chance: random.Random) -> str:
    return "".join(c for c in text if c not in MARKS or chance.random() < 0.7)


def _sown(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(SOWN) + text[at:]
    return text


def _misread(text: str, chance: random.Random) -> str:
    codec = chance.choice(["cp1252", "latin-1", "mac_roman", "koi8-r"])
    return text.encode("utf-8", "replace").decode(codec, "replace")


def _wrapped(text: str, chance: random.Random) -> str:
    return "".join("\n" if c == " " and chance.random() < 0.08 else c for c in text)


def _cased(text: str, chance: random.Random) -> str:
    return chance.choice([text.upper(), text.lower(), text.title()])


MUTATIONS: tuple[Mutation, ...] = (
    _cut, _doubled, _shuffled, _marks_swapped, _marks_lost, _sown, _sown, _misread, _wrapped,
    _cased,
)  # fmt: skip


def cases(texts: list[str], count: int, seed: int) -> Iterator[str]:
    """Damaged stretches of articles; the same seed gives the same ones."""
    chance = random.Random(seed)
    while count:
        text = chance.choice(texts)
        start = chance.randrange(len(text))
        text = text[start : start + chance.randint(20, 500)]
        for _ in range(chance.randint(1, 6)):
            text = chance.choice(MUTATIONS)(text, chance)[:3000] if text else text
        if text.strip():
            count -= 1
            yield text


def fault(article: Article, quotes: list[Quote], actors: Actors) -> str | None:
    """What is wrong with the quotes of a text, if anything is."""
    text = article.text
    for quote in quotes:
        spans = [*quote.spans, *(s for s in (quote.cue_span, quote.source_span) if s)]
        if not quote.spans or any(not 0 <= s < e <= len(text) for s, e in spans):
            return f"spans {spans} in {len(text)} characters"
        if any(not text[s:e].strip() for s, e in quote.spans):
            return f"empty words at {quote.spans}"
        if quote.cue_span and text[slice(*quote.cue_span)] != quote.cue:
            return f"cue {quote.cue!r} is not at {quote.cue_span}"
        if quote.score is None or not 0 <= quote.score <= 1:
            return f"probability {quote.score}"
    setting = Setting(article.view.text, actors, article.date)
    for quote, speaker in zip(quotes, resolve(article, quotes, actors), strict=True):
        side = side_of(speaker, actors, article.date, context=quote.before, setting=setting)
        if side.label not in SIDES:
            return f"side {side.label!r}"
    return None


@cache
def material() -> tuple[Actors, list[str]]:
    """The actors and the texts to damage, read once in each process."""
    folders = (ROOT / "tests" / "data" / "bsa_dev", ROOT / "seeds" / "stories" / "train")
    texts = [d.text for folder in folders for d in load_labelled(folder)]
    return load_actors(ROOT / "configs" / "actors" / "bsa2013.yaml"), texts


def work(task: tuple[int, int]) -> tuple[int, int, list[tuple[str, str]]]:
    """Run the cases of one seed: how many, how many quotes, and what failed."""
    seed, count = task
    actors, texts = material()
    articles = [Article.of(t, id=str(i), date="2013-10-12")
                for i, t in enumerate(cases(texts, count, seed))]  # fmt: skip
    quotes, failed = 0, []
    try:
        read = list(extract_many(articles))
    except Exception:
        read = []
    for i, article in enumerate(articles):
        try:
            here = read[i] if read else next(extract_many([article]))
            reason = fault(article, here, actors)
            quotes += len(here)
        except Exception:
            reason = traceback.format_exc()
        if reason:
            failed.append((article.text, reason))
    return len(articles), quotes, failed


GROWING: dict[str, Callable[[int], str]] = {
    "quotation marks": lambda n: '"' * n,
    "marks of all kinds": lambda n: '“ ” ‘ ’ " ' * (n // 10),
    "open marks, a line each": lambda n: "“We wait\n" * (n // 9),
    "cues": lambda n: "he said " * (n // 8),
    "according to": lambda n: "according to him, " * (n // 18),
    "one, the other": lambda n: "one called it vital, the other a trap, " * (n // 39),
    "brackets": lambda n: "[((" * (n // 3),
    "names": lambda n: "Ada Holm, the mayor, said no. " * (n // 30),
    "no spaces": lambda n: "a“b”" * (n // 4),
    "right-to-left": lambda n: "\u202eשלום ״ " * (n // 8),
}


def growth(console: Console) -> dict[str, list[float]]:
    """CPU seconds of texts of 6,250 to 100,000 characters, each four times the last."""
    result = {}
    for name, build in GROWING.items():
        seconds = []
        for size in (6_250, 25_000, 100_000):
            article = Article.of(build(size))
            start = time.process_time()
            next(extract_many([article]))
            seconds.append(round(time.process_time() - start, 3))
        result[name] = seconds
        console.print(f"… {name}: {seconds}", highlight=False)
    return result


def main() -> None:
    """Run all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    default = ROOT / "benchmarks" / "results" / "fuzz_quotes.json"
    parser.add_argument("--output", type=Path, default=default, help="the JSON file [%(default)s]")
    options = parser.parse_args()
    notes = Console(stderr=True)
    tasks = [(options.seed * 1_000_000 + i, BATCH) for i in range(-(-options.cases // BATCH))]
    totals: Counter[str] = Counter()
    failed: list[tuple[str, str]] = []
    with ProcessPoolExecutor(options.workers) as pool:
        for done, quotes, faults in pool.map(work, tasks):
            totals.update(cases=done, quotes=quotes, failed=len(faults))
            failed += faults
            if totals["cases"] % 10_000 == 0:
                notes.print(f"… {dict(totals)}", highlight=False)
    _keep(failed)
    grown = growth(notes)
    _show(totals, grown)
    record: dict[str, Any] = {"seed": options.seed, **totals, "cpu_seconds_by_size": grown}
    write_json(options.output, record)
    notes.print(f"written: {options.output}")
    raise SystemExit(1 if failed else 0)


def _keep(failed: list[tuple[str, str]]) -> None:
    folder = ROOT / "build" / "fuzz"
    folder.mkdir(parents=True, exist_ok=True)
    for i, (text, reason) in enumerate(failed[:200]):
        record = json.dumps({"text": text, "reason": reason}, ensure_ascii=True, indent=1)
        (folder / f"{i:03d}.json").write_text(record, encoding="utf-8")


def _show(totals: Counter[str], grown: dict[str, list[float]]) -> None:
    table = Table(title=f"{totals['cases']:,} damaged texts, {totals['quotes']:,} quotes, "
                        f"{totals['failed']} failed")  # fmt: skip
    for name in ("a text of", "6 KB, s", "25 KB", "100 KB", "last growth"):
        table.add_column(name, justify="left" if name == "a text of" else "right")
    for name, seconds in grown.items():
        last = seconds[-1] / max(seconds[-2], 0.01)
        table.add_row(name, *(f"{s:.2f}" for s in seconds), f"{last:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
