"""The canonical content hash: the same for the same schema and rows, whatever wrote the parquet files.

Parquet bytes change with the writer's version; this hash does not. It is SHA-256 over, for each file name in order:
the name, then for each column its name, its type and its values. Names and types end in a zero byte. The values of a
column are the number of rows, one byte per row for "is not null", then: for texts the UTF-8 lengths and all bytes,
for lists the lengths and the values of all items in the same manner, for the other types the values. Numbers are
little-endian; lengths and counts have 64 bits; a null counts as 0 or empty.
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
            digest.update(field.name.encode() + b"\0" + str(field.type).encode() + b"\0")
            _update(digest, column.combine_chunks())
    return digest.hexdigest()


def _update(digest: Any, values: Any) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    digest.update(len(values).to_bytes(8, "little"))
    digest.update(_plain_bytes(pc.is_valid(values).cast(pa.uint8())))
    kind = values.type
    if pa.types.is_string(kind):
        texts = pc.fill_null(values, "")
        digest.update(_plain_bytes(pc.binary_length(texts).cast(pa.int64())))
        for text in texts:
            digest.update(text.as_buffer())
    elif pa.types.is_list(kind):
        digest.update(_plain_bytes(pc.fill_null(pc.list_value_length(values), 0).cast(pa.int64())))
        _update(digest, values.flatten())
    else:
        plain = {"bool": pa.uint8(), "timestamp[us, tz=UTC]": pa.int64()}.get(str(kind), kind)
        digest.update(_plain_bytes(pc.fill_null(values.cast(plain), 0)))


def _plain_bytes(values: Any) -> Any:
    """The memory of an array of numbers without nulls; little-endian, as is every machine that polars is built for."""
    width = values.type.bit_width // 8
    return values.buffers()[1].slice(values.offset * width, len(values) * width) if len(values) else b""
