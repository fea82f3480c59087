"""A self-contained HTML page of positions; everything from outside is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from quotestance.errors import MissingExtraError
from quotestance.output import replacing
from quotestance.positions import Position
from quotestance.summary import summarize

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Positions</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 2rem } th, td { padding: .3rem .7rem }
th { text-align: left; border-bottom: 2px solid #333 } td { border-bottom: 1px solid #ddd }
.favor { color: #176d38 } .against { color: #a12622 } .neutral { color: #555 } small { color: #666 }
</style></head><body>
<h1>Positions</h1>
<p>{{ summary.articles }} articles, {{ summary.quotes.total() }} quotes.
+ favor, – against, = neutral, ? not sure.</p>
<table><tr><th>issue</th>{% for side in sides %}<th>{{ side }}</th>{% endfor %}</tr>
{% for issue in summary.issues %}<tr><td>{{ issue }}</td>
{% for side in sides %}<td>{{ summary.cell(side, issue) }}</td>{% endfor %}</tr>{% endfor %}</table>
<table><tr><th>quote</th><th>speaker</th><th>side</th><th>issue</th><th>stance</th>
<th>sentiment</th></tr>
{% for r in rows %}<tr><td>{{ r.text }}<br><small>{{ r.article_id }} {{ r.article_date or "" }},
{{ r.kind }}{% if r.cue %}, “{{ r.cue }}”{% endif %}</small></td>
<td>{{ r.speaker or r.source or "–" }}</td>
<td>{{ r.side }}<br><small>{{ r.side_reason }}</small></td>
<td>{{ r.issue or "–" }}</td><td class="{{ r.stance or "" }}">{{ r.stance or "–" }}
{% if r.stance_scores %}<br>
<small>{{ "%.2f"|format(r.stance_scores.values()|max) }}</small>{% endif %}
</td><td>{{ r.sentiment }}</td></tr>
{% endfor %}</table></body></html>
"""


def write_report(rows: Sequence[Position], path: Path) -> None:
    """Write the page.

    Raises
    ------
    MissingExtraError
        If jinja2 is not installed.
    """
    try:
        from jinja2 import Environment
    except ImportError as error:
        raise MissingExtraError("the HTML report", "report") from error
    template = Environment(autoescape=True).from_string(_PAGE)
    summary = summarize(rows)
    page = template.render(rows=rows, summary=summary, sides=sorted(summary.quotes))
    with replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
