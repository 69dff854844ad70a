"""The summary of a description: one HTML file beside the tables, on which nothing runs and nothing is fetched.

Of big tables only the heads are read, and what a chart shows of them, so that the page takes hardly longer for a
million texts than for a thousand.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import polars as pl

from corpus_tools.charts import bars, rank_frequency
from corpus_tools.charts import keyness as keyness_chart
from corpus_tools.charts import vocabulary_growth as growth_chart
from corpus_tools.charts.layout import one_line, shortened
from corpus_tools.charts.page import escaped, page, picture, table
from corpus_tools.charts.theme import can_draw, in_our_theme, to_svg
from corpus_tools.errors import listed
from corpus_tools.measures.lengths import summary

if TYPE_CHECKING:
    from corpus_tools.describe.run import Described

HEAD = 20
"""Rows that are shown of a table of words."""
GROUPS = 15
FREQUENT = 500
"""The most frequent words, among which the most and the least even ones are looked for."""
MOST_ROWS = 70
"""Rows that are shown of a table that should be short."""
MOST_SOURCES = 10
MOST_BARS = 20
POINTS = 50
"""Points on the line of frequencies for each power of ten."""
TOP_PERCENT = (1, 5, 10, 25, 50)
SIZES = tuple(step * 10**power for power in range(10) for step in (1, 2, 5))
"""Where the classes of sizes of threads begin."""
STYLE = """
body{max-width:68em}
.facts th{font-weight:normal;color:#595959}
nav ul{columns:14em;max-width:44em}
figure{margin:.8em 0}
td.files{white-space:nowrap}
.beside{display:flex;flex-wrap:wrap;align-items:flex-start;column-gap:2.5em}
.beside>*{max-width:100%}
"""
WITHOUT = "There are no charts here, because they need altair and vl-convert, which are not both installed"

Draw = Callable[..., str]
"""Called with a function of `charts` and what it takes; gives the picture as markup, or nothing."""


def summary_page(described: Described) -> str:
    """The summary as one HTML page.

    Args:
        described: A folder of tables; those of them that have rows are summed up. They are not changed.

    Returns:
        What was described and how, a section for each table, and a list of all tables with links to their files, which
        have to stand beside it. Without the libraries of the extra `charts` it has no pictures, and says so.
    """
    tables, drawable = described.record["tables"], can_draw()
    draw = _drawn if drawable else _left_out
    parts = {
        name: (title, make(described, draw))
        for name, (title, make) in SECTIONS.items()
        if name in tables and tables[name]["rows"]
    }
    contents = "".join(f'<li><a href="#{name}">{title}</a></li>' for name, (title, _) in parts.items())
    sections = "".join(
        f'<section id="{name}"><h2>{title}</h2>{body}</section>' for name, (title, body) in parts.items()
    )
    title = f"Description of {_counted(described.record['n_texts'], 'text')}"
    note = "" if drawable else f"<p>{WITHOUT}: <code>pip install 'syria-talks-thread-corpus[charts]'</code>.</p>"
    body = (
        f"<h1>{title}</h1>{_about(described.record)}{note}"
        f'<nav aria-label="Contents"><ul>{contents}<li><a href="#tables">All tables</a></li></ul></nav>'
        f'<main>{sections}<section id="tables"><h2>All tables</h2>{_files(described)}</section></main>'
    )
    return page(title, body, style=STYLE)


def _drawn(chart: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    spec = in_our_theme(chart(*arguments, **options))
    return picture(to_svg(spec), spec["description"])


def _left_out(chart: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    return ""


def _beside(chart: str, rows: str) -> str:
    """A chart and the table of what it shows, side by side where there is room."""
    return f'<div class="beside">{chart}{rows}</div>' if chart else rows


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _about(record: Mapping[str, Any]) -> str:
    """What was described, and how, as a table of facts."""
    rows = "".join(
        f'<tr><th scope="row">{name}</th><td dir="auto">{escaped(value)}</td></tr>' for name, value in _facts(record)
    )
    return f'<div class="output"><table class="facts">{rows}</table></div>'


def _facts(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    sources, choices = record["sources"], record["choices"]
    column, value = choices["target"]
    more = f" and {len(sources) - MOST_SOURCES:,} more" if len(sources) > MOST_SOURCES else ""
    yield "Sources", listed(sources[:MOST_SOURCES]) + more if sources else "a corpus, or frames"
    yield "Texts", f"{record['n_texts']:,}"
    if record["mapping"]:
        yield "Columns", listed(f"{theirs} as {ours}" for ours, theirs in record["mapping"].items())
    yield "Groups", f"by {choices['by']}"
    yield "Compared", f"texts whose {column} is {value}, with all others"
    words = f"words of less than {choices['minimum']} occurrences, where words are compared or their spread is measured"
    yield "Left out", f"{words}; pairs of words of less than {choices['pairs']} occurrences"
    yield "Made by", listed(f"{name} {version}" for name, version in record["versions"].items())
    yield "Engine", record["engine"]
    if "seconds" in record:
        yield "Seconds", f"{record['seconds']:,}, this page not counted"


def _head(described: Described, name: str, frame: pl.DataFrame, *, what: str = "first") -> str:
    """Some rows of a table, with how many there are and where all are."""
    n = described.record["tables"][name]["rows"]
    which = f"all {_counted(n, 'row')}" if frame.height == n else f"{what} {frame.height:,} of {n:,} rows"
    return table(frame, f'Table <a href="#file-{quote(name)}">{escaped(name)}</a>: {which}')


def _named(column: str) -> pl.Expr:
    """A column of anybody's words or names, fit for a cell."""
    return shortened(one_line(column))


def sizes(described: Described, draw: Draw) -> str:
    """Texts, words and types of each kind."""
    is_whole = pl.col("kind").is_null()
    kind = pl.when(is_whole).then(pl.lit("all")).otherwise(_named("kind")).alias("kind")
    rows = described.table("sizes").sort(is_whole, "n_texts", descending=True).head(MOST_ROWS).with_columns(kind)
    note = (
        "<p>Words are tokens with a letter or a digit, with case ignored; types are different words. Types do not add "
        "up, since kinds share words.</p>"
    )
    return note + _head(described, "sizes", rows.collect())


def frequencies(described: Described, draw: Draw) -> str:
    """The most frequent words, and all of them by rank."""
    words = described.table("frequencies")
    n = described.record["tables"]["frequencies"]["rows"]
    exponents = range(math.ceil(math.log10(max(n, 2)) * POINTS))
    ranks = sorted({n, *(rank for step in exponents if (rank := math.ceil(10 ** (step / POINTS))) < n)})
    drawn = words.select("rank", "word", "n").filter(pl.col("rank").is_in(ranks)).collect(engine="streaming")
    head = words.select("rank", _named("word"), "n", "share", "n_texts").head(HEAD).collect()
    note = "<p><code>share</code>: of all words; <code>n_texts</code>: texts that have the word.</p>"
    return note + _beside(draw(rank_frequency, drawn), _head(described, "frequencies", head))


def vocabulary_growth(described: Described, draw: Draw) -> str:
    """Types and hapaxes in samples of growing size."""
    growth = described.table("vocabulary_growth").collect()
    # A tenth of the rows, and the last.
    step = max(1, growth.height // 10)
    rows = growth.filter((pl.int_range(pl.len()) + 1) % step == growth.height % step)
    note = (
        "<p>How many types, and how many words used once only (hapaxes), a sample of so many words has on average, "
        "whatever the order of the texts.</p>"
    )
    chart = draw(growth_chart, growth)
    return note + _beside(chart, _head(described, "vocabulary_growth", rows, what="these"))


def word_lengths(described: Described, draw: Draw) -> str:
    """Running words of each length."""
    rows = _up_to(described.table("word_lengths"), "n_characters", n=pl.col("n").sum(), share=pl.col("share").sum())
    chart = draw(bars, rows, category="n_characters", title="Lengths of words in characters")
    return _beside(chart, table(rows, _of("word_lengths", "lengths are in characters")))


def keyness(described: Described, draw: Draw) -> str:
    """The words that mark the target off."""
    column, value = described.record["choices"]["target"]
    words = described.table("keyness")
    chart = draw(keyness_chart, words, target=_short(value), reference="other texts")
    columns = ("n_target", "n_reference", "target_per_1k", "reference_per_1k", "g2", "log_ratio")
    note = (
        f"<p>The target are the texts whose {escaped(column)} is {escaped(_short(value))}; the reference are all "
        "others. A log ratio of 1 means twice as often in the target, of −1 twice as often in the reference.</p>"
    )
    return note + chart + _head(described, "keyness", words.select(_named("word"), *columns).head(HEAD).collect())


def collocations(described: Described, draw: Draw) -> str:
    """The pairs of words that attract each other most."""
    pairs = described.table("collocations")
    columns = ("n", "n_first", "n_second", "pmi", "log_dice", "g2")
    rows = pairs.select(_named("word"), _named("collocate"), *columns).head(HEAD).collect()
    note = (
        "<p>Words that follow each other, those first whose number is least to be expected from how often each of the "
        "two comes first and second (<code>g2</code>).</p>"
    )
    return note + _head(described, "collocations", rows)


def dispersion(described: Described, draw: Draw) -> str:
    """The most and the least even of the frequent words."""
    frequent = described.table("dispersion").head(FREQUENT).filter(pl.col("dp_norm").is_not_null())
    rows = frequent.sort("dp_norm", "word").select(_named("word"), pl.exclude("word")).collect()
    by = escaped(described.record["choices"]["by"])
    if rows.is_empty():
        return f"<p>There is one group only, so that words cannot be spread over groups unevenly ({by}).</p>"
    n = min(HEAD // 2, math.ceil(rows.height / 2))
    note = (
        f"<p>How evenly words are spread over groups ({by}), among the {_counted(rows.height, 'word')} that are most "
        "frequent. <code>dp_norm</code>: 0 is as even as can be, 1 as uneven.</p>"
    )
    even, others = rows.head(n), rows[n:].tail(n).reverse()
    least = table(others, _of("dispersion", f"the {others.height} least even")) if others.height else ""
    return note + table(even, _of("dispersion", f"the {n} most even")) + least


def text_summary(described: Described, draw: Draw) -> str:
    """Quartiles of each measure."""
    rows = described.table("text_summary").with_columns(_named("kind")).head(MOST_ROWS).collect()
    note = (
        "<p>The measures of single texts, of which the table <code>diversity</code> has all. <code>n</code> are the "
        "texts that have a value: some measures need a text of some length.</p>"
    )
    return note + _head(described, "text_summary", rows)


def participation(described: Described, draw: Draw) -> str:
    """The groups with most words, and how much is theirs."""
    by = described.record["choices"]["by"]
    groups = described.table("participation")
    amounts = groups.filter(pl.col(by).is_not_null()).select("n_words").collect().to_series()
    if amounts.is_empty():
        return f"<p>No text has a value in {escaped(by)}.</p>"
    top = groups.head(GROUPS).with_columns(_named(by)).collect()
    chart = draw(bars, top, category=by, value="words_share", n="n_words", title="Groups with the most words")
    first = _beside(chart, _head(described, "participation", top))
    return first + _inequality(described) + _concentration(amounts, draw)


def _inequality(described: Described) -> str:
    if "inequality" not in described.record["tables"]:
        return ""
    rows = described.table("inequality").collect()
    note = (
        "<p>The Gini coefficient of texts and of words over the groups that are named: 0 where all have as much, near "
        "1 where one has nearly everything.</p>"
    )
    return note + _head(described, "inequality", rows)


def _concentration(amounts: pl.Series, draw: Draw) -> str:
    """How much the groups with most words have: points of the Lorenz curve, from its upper end."""
    n, total = amounts.len(), int(amounts.sum())
    if n < 2 or not total:
        return ""
    summed = amounts.cast(pl.UInt64).sort(descending=True).cum_sum()
    tops = sorted({-(-percent * n // 100) for percent in TOP_PERCENT})
    rows = pl.DataFrame(
        {
            "groups": [f"{top:,} of {n:,}" for top in tops],
            "groups_share": [top / n for top in tops],
            "n_words": [summed[top - 1] for top in tops],
            "words_share": [summed[top - 1] / total for top in tops],
        }
    )
    chart = draw(bars, rows, category="groups", value="words_share", n="n_words", title="Words of the groups with most")
    return _beside(chart, table(rows, _of("participation", "the groups with most words, of those that are named")))


def reply_structure(described: Described, draw: Draw) -> str:
    """How long and how deep threads are."""
    threads = described.table("reply_structure").collect()
    names = ("n_texts", "depth", "width", "max_answers")
    rows = pl.concat(
        [summary(threads, of=name).select(pl.lit(name).alias("measure"), pl.all()) for name in names]
    ).collect()
    counted = {"n": pl.len(), "share": pl.len() / threads.height}
    depths = _up_to(threads.lazy(), "depth", **counted)
    classes = threads.group_by(_class=pl.sum_horizontal(pl.col("n_texts") >= low for low in SIZES)).agg(**counted)
    lengths = classes.sort("_class").select(n_texts=_class_names(), n="n", share="share")
    note = (
        "<p>A thread is <code>depth</code> answers deep; at its widest level it has <code>width</code> texts, and "
        "<code>max_answers</code> is the most that one text has.</p>"
    )
    whole = table(rows, _of("reply_structure", f"summed up over {_counted(threads.height, 'thread')}"))
    pairs = [
        _beside(
            draw(bars, frame, category=column, title=f"Threads by {what}"),
            table(frame, _of("reply_structure", f"threads by {what}")),
        )
        for frame, column, what in ((lengths, "n_texts", "number of texts"), (depths, "depth", "depth"))
    ]
    return note + whole + "".join(pairs)


def _class_names() -> pl.Expr:
    """The names of the classes of `SIZES`, from their numbers."""
    names = {
        number: str(low) if low + 1 == high else f"{low:,} to {high - 1:,}"
        for number, (low, high) in enumerate(itertools.pairwise(SIZES), start=1)
    }
    return pl.col("_class").replace_strict(names | {0: "0"}, default=f"{SIZES[-1]:,} or more", return_dtype=pl.String)


def _up_to(rows: pl.LazyFrame, column: str, **figures: pl.Expr) -> pl.DataFrame:
    """The rows by a whole number, those above `MOST_BARS` together."""
    above = pl.col(column) > MOST_BARS
    name = pl.when(above).then(pl.lit(f"more than {MOST_BARS}")).otherwise(pl.col(column).cast(pl.String))
    grouped = rows.group_by(pl.min_horizontal(column, MOST_BARS + 1)).agg(**figures).sort(column)
    return grouped.with_columns(name.alias(column)).collect()


def _of(name: str, what: str) -> str:
    """The caption of rows that were made of a table."""
    return f'From the table <a href="#file-{quote(name)}">{escaped(name)}</a>: {what}'


def _short(value: object) -> str:
    return pl.select(shortened(pl.lit(str(value)))).item() if value is not None else "null"


def _files(described: Described) -> str:
    """All tables, with links to the files beside the page."""
    rows = "".join(
        f'<tr id="file-{quote(name)}"><th scope="row">{escaped(name)}</th>'
        f'<td style="text-align:right">{about["rows"]:,}</td><td>{escaped(listed(about["columns"]))}</td>'
        f'<td class="files">{_link(described, name, "parquet")}, {_link(described, name, "csv")}</td></tr>'
        for name, about in described.record["tables"].items()
    )
    heads = ("Table", "Rows", "Columns", "Files")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return f'<div class="output"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _link(described: Described, name: str, suffix: str) -> str:
    n = (described.folder / f"{name}.{suffix}").stat().st_size
    size = f"{n / 1e6:,.1f} MB" if n >= 1_000_000 else f"{n / 1000:.1f} kB" if n >= 1000 else f"{n} B"
    return f'<a href="{quote(name)}.{suffix}">{suffix}</a> ({size})'


SECTIONS: Mapping[str, tuple[str, Callable[[Described, Draw], str]]] = MappingProxyType(
    {
        "sizes": ("Sizes", sizes),
        "frequencies": ("The most frequent words", frequencies),
        "vocabulary_growth": ("Growth of the vocabulary", vocabulary_growth),
        "word_lengths": ("Lengths of words", word_lengths),
        "keyness": ("Key words", keyness),
        "collocations": ("Pairs of words", collocations),
        "dispersion": ("Spread of words", dispersion),
        "text_summary": ("Measures of texts", text_summary),
        "participation": ("Who takes part", participation),
        "reply_structure": ("Threads", reply_structure),
    }
)
"""Name of a table -> the title of its section, and what makes it."""
