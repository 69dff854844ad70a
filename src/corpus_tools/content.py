"""The canonical content hash: the same for the same columns and rows, whatever wrote the parquet files.

Parquet bytes change with the writer's version; this hash does not, and anyone can compute it from the released
files. It is SHA-256 over, for each file name in order: the name, then for each column its name, its type and its
values. Names and types end in a zero byte; types are called string, list of string, int32, int64, double, bool and
timestamp. The values of a column are the number of rows, one byte per row for "is not null", then: for texts the
UTF-8 lengths and all bytes, for lists the lengths and the values of all items in the same manner, for the other
types the values (times as microseconds). Numbers are little-endian; lengths and counts have 64 bits; a null counts
as 0 or empty. What labels mean is not part of it: that stands in the scheme files, which have checksums of their
own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def content_sha256(tables: Mapping[str, pa.Table]) -> str:
    """Hash tables by their content.

    Args:
        tables: Name -> arrow table; the order of the names does not matter, that of columns and rows does.

    Returns:
        SHA-256 in hexadecimal.
    """
    digest = hashlib.sha256()
    for name in sorted(tables):
        digest.update(name.encode() + b"\0")
        for field, column in zip(tables[name].schema, tables[name].columns, strict=True):
            digest.update(field.name.encode() + b"\0" + _type_name(field.type).encode() + b"\0")
            _update(digest, column.chunks, field.type)
    return digest.hexdigest()


def text_sha256(texts: pa.Table) -> str:
    """Hash the words of a corpus, so that annotations can name the texts that their offsets count in.

    It is the hash above over one table, called `texts`, of two columns: `text_id` and `text`, the articles first, then
    the comments, each in the order of the table `texts`. Annotations, bylines and places in sources are not part of it.

    Args:
        texts: One row per text; needs `text_id` and `text`.

    Returns:
        SHA-256 in hexadecimal.
    """
    return content_sha256({"texts": texts.select(["text_id", "text"])})


def _type_name(kind: Any) -> str:
    """The type as the description above calls it, however wide its offsets or whatever its items are called."""
    import pyarrow as pa

    if _is_text(kind):
        return "string"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"list of {_type_name(kind.value_type)}"
    return "timestamp" if pa.types.is_timestamp(kind) else str(kind)


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _update(digest: Any, chunks: list[Any], kind: Any) -> None:
    """Add one column; it comes in chunks, since two gigabytes of text do not fit into one array."""
    import pyarrow as pa
    import pyarrow.compute as pc

    digest.update(sum(len(chunk) for chunk in chunks).to_bytes(8, "little"))
    for chunk in chunks:
        digest.update(_plain_bytes(pc.is_valid(chunk).cast(pa.uint8())))
    if _is_text(kind):
        texts = [pc.fill_null(chunk.cast(pa.large_string()), "") for chunk in chunks]
        for chunk in texts:
            digest.update(_plain_bytes(pc.binary_length(chunk)))
        for chunk in texts:
            digest.update(_all_bytes(chunk))
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        for chunk in chunks:
            digest.update(_plain_bytes(pc.fill_null(pc.list_value_length(chunk), 0).cast(pa.int64())))
        _update(digest, [chunk.flatten() for chunk in chunks], kind.value_type)
    else:
        plain = {"bool": pa.uint8(), "timestamp": pa.int64()}.get(_type_name(kind), kind)
        for chunk in chunks:
            digest.update(_plain_bytes(pc.fill_null(chunk.cast(plain), 0)))


def _all_bytes(texts: Any) -> Any:
    """The bytes of an array of large texts without nulls, which lie one behind the other."""
    _, offsets, held = texts.buffers()
    if held is None or not len(texts):
        return b""
    # Offsets are numbers of 64 bits; a slice shares its buffers with the array it was cut from.
    first, last = (memoryview(offsets).cast("q")[texts.offset + place] for place in (0, len(texts)))
    return held.slice(first, last - first)


def _plain_bytes(values: Any) -> Any:
    """The memory of an array of numbers without nulls; little-endian, as is every machine that polars is built for."""
    width = values.type.bit_width // 8
    return values.buffers()[1].slice(values.offset * width, len(values) * width) if len(values) else b""
