"""The collection that is measured: a Parquet file, and the same texts as one plain file, which `wc` reads."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus_tools.errors import ArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import polars as pl

COMMON = 0.01
"""In which share of the texts the word of the concordance is, about."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Where the texts are, how many, and a word that is common in them."""

    parquet: str
    plain: str
    n_texts: int
    n_bytes: int
    word: str


def collection(folder: Path, name: str) -> Collection | None:
    """The collection of this name in a folder, if it was built there and is whole."""
    card = folder / f"{name}.json"
    if not card.is_file():
        return None
    return Collection(**json.loads(card.read_text(encoding="utf-8")))


def build(
    folder: Path, name: str, n_texts: int, *, source: Path | None = None, progress: Callable[[int], None] | None = None
) -> Collection:
    """Build a collection: generated texts, or those of a file.

    Args:
        folder: Where its files are written; made where it is missing.
        name: What the files are called.
        n_texts: How many texts are generated; of a file, at most so many are taken.
        source: A Parquet file with a column `text`, or a plain file with a text on each line.
        progress: Told how many more texts are written.

    Raises:
        ArgumentError: If the source has no texts, or no word is common in them.
    """
    import polars as pl

    from corpus_tools.files import write_whole
    from corpus_tools.generated import write

    folder.mkdir(parents=True, exist_ok=True)
    parquet, plain = folder / f"{name}.parquet", folder / f"{name}.txt"
    if source is None:
        write(parquet, n_texts, progress=progress)
    else:
        _taken_over(source, n_texts).sink_parquet(parquet, compression="zstd")
    _write_plain(parquet, plain)
    n = pl.scan_parquet(parquet).select(pl.len()).collect().item()
    if not n:
        raise ArgumentError(f"bench: {source or name} has no texts")
    built = Collection(str(parquet), str(plain), n, plain.stat().st_size, common_word(parquet))
    # Written last: where it is, the other files are whole.
    write_whole(folder / f"{name}.json", json.dumps(asdict(built), indent=1))
    return built


def common_word(parquet: Path) -> str:
    """The word of letters a to z, three at least, whose share of the texts is nearest to one in a hundred."""
    import polars as pl

    head = pl.scan_parquet(parquet).head(20_000).select(pl.col("text").str.to_lowercase()).collect()
    found = head.with_row_index().select("index", word=pl.col("text").str.extract_all(r"\b[a-z]{3,}\b"))
    counted = found.explode("word").drop_nulls().unique().group_by("word").len("n")
    if counted.is_empty():
        raise ArgumentError("bench: the texts hold no word of three letters from a to z, which the concordance needs")
    return str(counted.sort((pl.col("n") - COMMON * head.height).abs(), "word")["word"][0])


def _write_plain(parquet: Path, plain: Path) -> None:
    """Write the texts of a file one after the other, some at a time: a large collection is not held in memory."""
    import polars as pl
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory(dir=plain.parent, prefix=f".{plain.name}.") as beside:
        whole = Path(beside, plain.name)
        with whole.open("wb") as file:
            for batch in pq.ParquetFile(parquet).iter_batches(columns=["text"], batch_size=50_000):
                texts = pl.Series("text", batch.column(0), dtype=pl.String)
                file.write(("\n".join(texts.to_list()) + "\n").encode("utf-8"))
        whole.replace(plain)


def _taken_over(source: Path, n_texts: int) -> pl.LazyFrame:
    """The texts of a file with the columns that they lack: threads of forty, nobody answering anybody."""
    import polars as pl

    if source.suffix == ".parquet":
        given = pl.scan_parquet(source)
    else:
        given = pl.scan_csv(
            source,
            has_header=False,
            new_columns=["text"],
            separator="\x01",
            quote_char=None,
            schema={"text": pl.String},
        )
    given = given.filter(pl.col("text").str.len_bytes() > 0).head(n_texts).with_row_index("_row")
    row, present = pl.col("_row").cast(pl.Int64), given.collect_schema().names()
    missing = {
        "text_id": pl.format("c{}", row),
        "thread_id": pl.format("t{}", row // 40),
        "kind": pl.lit("comment"),
        "position": (row % 40 + 1).cast(pl.Int32),
        "author_id": pl.format("u{}", row % 8191),
        "parent_id": pl.lit(None, pl.String),
        "posted_at": pl.lit(None, pl.Datetime("us", "UTC")),
    }
    names = [*missing, "text"]
    return given.with_columns(**{name: made for name, made in missing.items() if name not in present}).select(names)
