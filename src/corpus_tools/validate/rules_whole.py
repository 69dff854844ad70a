"""E3, continued: nothing of a layer is missing, and nothing stands for another thing than it did."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping

import polars as pl

from corpus_tools.corpus import Corpus, load, table_names, versions
from corpus_tools.errors import CorpusError
from corpus_tools.folder import Folder
from corpus_tools.history.rows import changed_texts, later_places
from corpus_tools.scheme import GOLD, Layer, Table
from corpus_tools.standoff import PLACE, uncovered
from corpus_tools.validate.rule import check, findings, place_of, tables_of
from corpus_tools.validate.rules_units import annotated

LISTED_VERSION = r"^- {}:"


@check("E315")
def tokens_do_not_spell_text(source: Folder) -> pl.LazyFrame:
    """The tokens of a text do not spell it."""
    rows: list[tuple[str, str | None, str]] = []
    texts = dict(source.scan(source.scheme.fixed["texts"]).select("text_id", "text").drop_nulls().collect().iter_rows())
    coverage = source.scan(source.scheme.fixed["coverage"]).select("layer", "annotator_id", "text_id").collect()
    for layer, table, split in annotated(source, "token"):
        frame = place_of(source, table, split).filter(pl.col("text_id").is_in(list(texts))).collect()
        present = set(frame.select("annotator", "text_id").iter_rows())
        rows += [
            (f"annotations/{layer.name}", None, f"{text_id} has no token by {annotator}.")
            for of_layer, annotator, text_id in coverage.iter_rows()
            if of_layer == layer.name and (annotator == GOLD) == (split == GOLD)
            if text_id in texts and (annotator, text_id) not in present
        ]
        for (place, text_id), tokens in frame.group_by("place", "text_id", maintain_order=True):
            text = texts[str(text_id)]
            lost = tokens.filter(pl.col("start_char").is_null())
            places = tokens.select("start_char", "end_char").drop_nulls().rows()
            gaps = uncovered(text, places)
            if not lost.is_empty():
                found = f"'{lost['form'][0]}' is not what follows in {text_id}."
                rows.append((str(place), lost[table.key][0], found))
            elif gaps:
                start, end = gaps[0]
                rows.append((str(place), None, f"No token holds '{text[start:end]}', {start} to {end} in {text_id}."))
            else:
                rows += [(str(place), *found) for found in _wrong_spaces(text, tokens)]
    return findings(rows)


def _wrong_spaces(text: str, tokens: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """Tokens that say of the white space after them what the text does not; at its end either is right."""
    following = [*tokens["start_char"][1:], len(text)]
    rows = tokens.select("token_id", "form", "end_char", "space_after").iter_rows()
    for (token_id, form, end, space), after in zip(rows, following, strict=True):
        follows = text[end : end + 1].isspace()
        # Words that share the place of their multiword token are followed by what follows the last of them.
        if end < len(text) and after >= end and space != follows:
            said, is_ = ("a", "none") if space else ("no", "one")
            yield token_id, f"SpaceAfter says {said} blank after '{form}'; the text has {is_}."


@check("E316")
def heads_are_no_tree(source: Folder) -> pl.LazyFrame:
    """The heads of a sentence are no tree with one root."""
    rows: list[tuple[str, str | None, str]] = []
    for _, table, split in annotated(source, "token"):
        frame = place_of(source, table, split).collect()
        for (place, sentence), tokens in frame.group_by("place", "sentence_id", maintain_order=True):
            found = _not_a_tree(tokens["head"].to_list())
            if found:
                rows.append((str(place), str(sentence), found))
    return findings(rows)


def _not_a_tree(heads: list[int | None]) -> str | None:
    roots = heads.count(0)
    if roots != 1:
        return f"{roots} tokens have the head 0."
    for position, head in enumerate(heads, start=1):
        if head is None or not 0 <= head <= len(heads):
            return f"Token {position} has the head {head}; the sentence has {len(heads)} tokens."
    for position in range(1, len(heads) + 1):
        seen: set[int] = set()
        at = position
        while at:
            if at in seen:
                return f"Token {position} depends on itself by way of its heads."
            seen.add(at)
            at = heads[at - 1] or 0
    return None


@check("E317")
def answer_missing(source: Folder) -> pl.LazyFrame:
    """A unit that was gone through has not exactly one answer where its layer asks for one."""
    frames = [findings([])]
    coverage = source.scan(source.scheme.fixed["coverage"])
    for layer, table, split in annotated(source, "judgement", "relation"):
        asked = _asked(source, table)
        if asked is None:
            continue
        of_split = pl.col("annotator_id") == GOLD if split == GOLD else pl.col("annotator_id") != GOLD
        covered = coverage.filter(of_split, pl.col("layer") == layer.name).select("annotator_id", "text_id")
        due = covered.join(asked, on="text_id", how="inner", maintain_order="left")
        keys = ["_unit", "question"] if table.unit == "judgement" else ["_unit"]
        given = source.rows(table, split).rename({table.constraints.one_per or "unit_id": "_unit"})
        counts = given.group_by("annotator", *keys).agg(n=pl.len())
        compared = due.join(
            counts,
            left_on=["annotator_id", *keys],
            right_on=["annotator", *keys],
            how="left",
            maintain_order="left",
        ).with_columns(pl.col("n").fill_null(0))
        what = pl.format("{}: ", "question") if table.unit == "judgement" else pl.lit("")
        found = pl.concat_str(what, pl.format(f"{{}} rows of {table.name} by {{}}.", "n", "annotator_id"))
        place = pl.lit(f"annotations/{layer.name}")
        frames.append(compared.filter(pl.col("n") != 1).select(place=place, unit="_unit", found=found))
    return pl.concat(frames)


def _asked(source: Folder, table: Table) -> pl.LazyFrame | None:
    """What needs one row each, by the text it belongs to: `text_id`, `_unit` and, of judgements, `question`."""
    texts = source.scan(source.scheme.fixed["texts"])
    if table.constraints.one_per:
        return texts.filter(pl.col("kind") == "comment").select("text_id", _unit="text_id")
    if table.unit != "judgement" or not table.questions or table.constraints.judged is None:
        return None
    judged = source.scheme.table(table.constraints.judged)
    units = source.rows(judged, judged.splits[0]).select("text_id", _unit=judged.key) if judged.layer else None
    units = texts.select("text_id", _unit="text_id") if units is None else units
    return units.join(pl.LazyFrame({"question": [question.id for question in table.questions]}), how="cross")


@check("E318")
def gold_without_pass(source: Folder) -> pl.LazyFrame:
    """Gold is called adjudicated, and no pass of the layer went through the text."""
    coverage = source.scan(source.scheme.fixed["coverage"])
    adjudicated = [layer.name for layer in source.layers.values() if "adjudicated" in layer.origin]
    gold = coverage.filter(pl.col("annotator_id") == GOLD, pl.col("layer").is_in(adjudicated))
    passes = coverage.filter(pl.col("annotator_id") != GOLD)
    alone = gold.join(passes, on=["layer", "text_id"], how="anti", maintain_order="left")
    found = pl.format("Gold of {} has no pass behind it in {}.", "layer", "text_id")
    return alone.select(place=pl.lit(source.metadata.path.name), unit="coverage_id", found=found)


@check("E319")
def guideline_version_unknown(source: Folder) -> pl.LazyFrame:
    """A pass or the scheme names a version of the guideline that the guideline's page does not list."""
    rows: list[tuple[str, str | None, str]] = []
    for layer in source.layers.values():
        page = source.path / layer.guideline
        text = page.read_text(encoding="utf-8", errors="replace") if page.is_file() else ""
        named = [(f"scheme/{layer.name}.toml", layer.name, layer.guideline_version)]
        named += [
            (source.metadata.path.name, f"{layer.name}/{entry['annotator_id']}", entry["guideline_version"])
            for entry in source.metadata.records["passes"]
            if entry["layer"] == layer.name and "guideline_version" in entry
        ]
        for place, unit, version in named:
            if not re.search(LISTED_VERSION.format(re.escape(version)), text, flags=re.MULTILINE):
                lacks = f"has no line '- {version}: ...' under its versions" if page.is_file() else "does not exist"
                rows.append((place, unit, f"{layer.guideline} {lacks}."))
    return findings(rows)


@check("E320")
def id_used_again(source: Folder) -> pl.LazyFrame:
    """An id stands for another unit than in an earlier release."""
    frames = [findings([])]
    for earlier in _releases(source):
        texts = changed_texts(earlier.scan("texts"), source.scan(source.scheme.fixed["texts"]))
        for table, split, changed in _compared(source, earlier):
            then, now = earlier.table(table.name, split=split), place_of(source, table, split)
            if set(PLACE) <= set(then.columns):
                # A span whose text was corrected before it has other offsets and has not moved.
                start, end = later_places(then, texts)
                then = then.with_columns(start_char=start, end_char=end)
            pairs = now.join(then.lazy(), on=table.key, how="inner", suffix="_then", maintain_order="left")
            found = pl.lit(f"It is not what it was in {earlier.version}; give the new unit a new id.")
            frames.append(pairs.filter(changed).select("place", unit=table.key, found=found))
    return pl.concat(frames)


def _releases(source: Folder) -> Iterator[Corpus]:
    """The releases that can be read; E401 and E402 report the others."""
    for version in versions(source.path):
        with contextlib.suppress(CorpusError):
            yield load(source.path, version, verify=False)


def _compared(source: Folder, earlier: Corpus) -> Iterator[tuple[Table, str, pl.Expr]]:
    """The tables that both hold, and when a row of them is another unit than the row with its id was."""
    other = {name: pl.col(name) != pl.col(f"{name}_then") for name in ("text_id", "from_id", "unit_id", "kind")}
    apart = (pl.col("start_char") >= pl.col("end_char_then")) | (pl.col("start_char_then") >= pl.col("end_char"))
    changed: Mapping[str | None, pl.Expr] = {
        "token": other["text_id"] | apart.fill_null(False),
        "sentence": other["text_id"] | apart.fill_null(False),
        "span": other["text_id"] | apart.fill_null(False),
        "relation": other["from_id"],
        "judgement": other["unit_id"] | (pl.col("question") != pl.col("question_then")),
    }
    for name, table in source.scheme.tables.items():
        if name in earlier.tables and table.unit in changed and earlier.scheme.table(name).unit == table.unit:
            for split in table.splits:
                yield table, split, changed[table.unit]
    yield source.scheme.fixed["texts"], "full", other["kind"] | (pl.col("thread_id") != pl.col("thread_id_then"))


@check("E321")
def id_after_tombstone(source: Folder) -> pl.LazyFrame:
    """An id was taken out of the corpus and stands in a row again, or its tombstone names no table."""
    tombs = source.scan(source.scheme.fixed["tombstones"])
    unknown = tombs.filter(~pl.col("table_name").is_in(list(source.scheme.tables)))
    found = pl.format("There is no table {}.", "table_name")
    frames = [unknown.select(place=pl.lit(source.metadata.path.name), unit="tombstone_id", found=found)]
    for table, split in tables_of(source):
        of_table = tombs.filter(pl.col("table_name") == table.name).select("row_id", _date="date")
        again = place_of(source, table, split).join(
            of_table, left_on=table.key, right_on="row_id", how="inner", maintain_order="left"
        )
        frames.append(again.select("place", unit=table.key, found=pl.format("Its tombstone is of {}.", "_date")))
    return pl.concat(frames)


@check("W303")
def id_gone(source: Folder) -> pl.LazyFrame:
    """An id of an earlier release is gone and has no tombstone."""
    tombs = source.scan(source.scheme.fixed["tombstones"])
    withdrawn = tombs.filter(pl.col("table_name") == "texts").select("row_id")
    frames = [findings([])]
    for earlier in _releases(source):
        # What lay in a withdrawn text went with it.
        went = _units_of(earlier, withdrawn).collect().lazy()
        for table, split, _ in _compared(source, earlier):
            now = source.rows(table, split).select(table.key)
            gone = earlier.scan(table.name, split=split).join(now, on=table.key, how="anti", maintain_order="left")
            said = tombs.filter(pl.col("table_name") == table.name).select("row_id")
            unsaid = gone.join(said, left_on=table.key, right_on="row_id", how="anti", maintain_order="left")
            for name in ("text_id", "unit_id", "from_id", "to_id"):
                if name in earlier.scheme.table(table.name).schema:
                    unsaid = unsaid.join(went, left_on=name, right_on="row_id", how="anti", maintain_order="left")
            found = pl.lit(f"It was in {table.name} of {earlier.version}.")
            frames.append(unsaid.select(place=pl.lit(source.metadata.path.name), unit=table.key, found=found))
    return pl.concat(frames)


def _units_of(corpus: Corpus, texts: pl.LazyFrame) -> pl.LazyFrame:
    """The ids of some texts and of every unit that lay in them."""
    frames = [texts]
    for layer in corpus.scheme.layers.values():
        for table in layer.tables:
            if "text_id" in table.schema:
                rows = [corpus.scan(table.name, split=split) for split in table.splits]
                inside = pl.concat(rows).join(texts, left_on="text_id", right_on="row_id", how="semi")
                frames.append(inside.select(row_id=table.key))
    return pl.concat(frames)


@check("E323")
def omission_of_nothing(source: Folder) -> pl.LazyFrame:
    """Gold is said to leave out a text of a layer that does not exist, or one that it covers."""
    omitted = source.scan(source.scheme.fixed["omissions"])
    covered = source.scan(source.scheme.fixed["coverage"]).filter(pl.col("annotator_id") == GOLD)
    unknown = omitted.filter(~pl.col("layer").is_in(list(source.layers)))
    both = omitted.join(covered, on=["layer", "text_id"], how="semi", maintain_order="left")
    place = pl.lit(source.metadata.path.name)
    return pl.concat(
        [
            unknown.select(place=place, unit="omission_id", found=pl.format("There is no scheme/{}.toml.", "layer")),
            both.select(place=place, unit="omission_id", found=pl.format("Gold of {} covers {}.", "layer", "text_id")),
        ]
    )


@check("E325")
def caveat_about_nothing(source: Folder) -> pl.LazyFrame:
    """A caveat is about a table that the corpus does not have."""
    known = table_names(source.scheme)
    rows: list[tuple[str, str | None, str]] = [
        (source.metadata.path.name, None, f"There is no table {name!r}: {caveat['text'].strip()[:60]}...")
        for caveat in source.metadata.records["caveats"]
        for name in caveat["about"]
        if name not in known
    ]
    return findings(rows)


@check("W302")
def text_left_out(source: Folder) -> pl.LazyFrame:
    """The gold rows of a layer leave out a text, and no omission says so."""
    texts = source.scan(source.scheme.fixed["texts"]).select("text_id")
    said = [
        source.scan(source.scheme.fixed["coverage"]).filter(pl.col("annotator_id") == GOLD).select("layer", "text_id"),
        source.scan(source.scheme.fixed["omissions"]).select("layer", "text_id"),
    ]
    frames = [findings([])]
    with_gold = {entry["layer"] for entry in source.metadata.records["passes"] if entry["annotator_id"] == GOLD}
    for layer in _known(source, with_gold):
        done = pl.concat(said).filter(pl.col("layer") == layer.name)
        left = texts.join(done, on="text_id", how="anti", maintain_order="left")
        found = pl.lit(f"Gold of {layer.name} does not cover it; annotate it, or say why not in [[omissions]].")
        frames.append(left.select(place=pl.lit(source.metadata.path.name), unit="text_id", found=found))
    return pl.concat(frames)


def _known(source: Folder, names: set[str]) -> list[Layer]:
    return [layer for layer in source.layers.values() if layer.name in names]
