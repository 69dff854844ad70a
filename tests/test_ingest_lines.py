"""JSON lines: read in pieces, plain and packed; what cannot be read is counted or refused."""

import gzip
import io
import json

import pytest
import zstandard

from corpus_tools.errors import IngestError
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.parts import lines
from corpus_tools.ingest.rows import SCHEMA
from corpus_tools.ingest.source import Source
from ingesting import reading_of

TWO = b'{"n": 1}\n\n{"n": "\xc3\xa9"}\n'
ROW = ("comment", "k", None, None, "n", None, None, "k", None, None)


def found(path, losses=None):
    return [(number, value["n"]) for number, value in lines.objects(Source(path), losses or Losses())]


def framed(raw):
    """A Zstandard frame of a window that is only unpacked where that is asked for, as in the dumps of Reddit."""
    wide = zstandard.ZstdCompressionParameters.from_level(1, window_log=28)
    packing = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    return packing.compress(raw) + packing.flush()


PACKED = {
    "plain": TWO,
    "plain, with a mark": b"\xef\xbb\xbf" + TWO,
    "Windows line ends": TWO.replace(b"\n", b"\r\n"),
    "no last line end": TWO.rstrip(),
    "UTF-16": TWO.decode().encode("utf-16"),
    "UTF-16, big-endian": b"\xfe\xff" + TWO.decode().encode("utf-16-be"),
    "gzip": gzip.compress(TWO),
    "gzip in two members": gzip.compress(TWO[:13]) + gzip.compress(TWO[13:]) + b"\0" * 512,
    "Zstandard": framed(TWO),
    "Zstandard behind a frame that is passed over": b"\x50\x2a\x4d\x18\x02\0\0\0hi" + framed(TWO),
    "Zstandard in two frames, one passed over": framed(TWO[:5]) + b"\x50\x2a\x4d\x18\x02\0\0\0hi" + framed(TWO[5:]),
}


@pytest.mark.parametrize("how", PACKED)
def test_objects_are_found_with_their_lines_however_the_file_is_packed(tmp_path, how):
    (tmp_path / "x").write_bytes(PACKED[how])
    assert found(tmp_path / "x") == [(1, 1), (3, "é")]
    assert lines.unpacked(Source(tmp_path / "x")).split() == TWO.split()
    assert lines.first_object(lines.glimpse(Source(tmp_path / "x"))) == {"n": 1}


@pytest.mark.parametrize("how", ["gzip", "Zstandard", "Zstandard in two frames, one passed over"])
def test_a_packed_file_that_ends_early_is_refused(tmp_path, how):
    for n in (6, 11, len(PACKED[how]) - 1):
        (tmp_path / "x").write_bytes(PACKED[how][:n])
        with pytest.raises(IngestError, match=r"x:\d: ends before its packed content does"):
            found(tmp_path / "x")
        assert isinstance(lines.glimpse(Source(tmp_path / "x")), bytes)


@pytest.mark.parametrize("start", [b"\x28\xb5\x2f\xfd", b"\x1f\x8b\x08\x00"])
def test_what_only_begins_like_a_packed_file_is_refused(tmp_path, start):
    (tmp_path / "x").write_bytes(start + b"\xff" * 99)
    with pytest.raises(IngestError, match="x:1: cannot be unpacked"):
        found(tmp_path / "x")
    assert lines.glimpse(Source(tmp_path / "x")) == b""


def test_lines_that_are_no_objects_are_counted_and_the_first_of_them_is_named(tmp_path):
    deep = "[" * 100_000
    (tmp_path / "x").write_text(f'{{"n": 1}}\n{{"n": \n[1]\n{deep}\n{{"n": {"9" * 5000}}}\n{{"n": 2}}\n')
    losses = Losses()
    assert found(tmp_path / "x", losses) == [(1, 1), (6, 2)]
    assert losses.counts["dropped"] == {"lines that are no JSON objects (the first is line 2)": 4}


@pytest.mark.parametrize(("raw", "line"), [(b"", 1), (b"\n \n", 1), (b"\nno\nno\n", 2), (b"\x00\xff\xfe" * 9, 1)])
def test_a_file_without_any_object_is_refused_at_its_first_bad_line(tmp_path, raw, line):
    (tmp_path / "x").write_bytes(raw)
    with pytest.raises(IngestError, match=f"x:{line}: holds no line that is a JSON object"):
        found(tmp_path / "x")


def test_bytes_that_are_no_utf8_are_mended_and_counted(tmp_path):
    (tmp_path / "x").write_bytes(b'{"n": "caf\xe9 \xef\xbf\xbd"}')
    losses = Losses()
    assert found(tmp_path / "x", losses) == [(1, "caf\ufffd \ufffd")]
    assert losses.counts["repaired"] == {"bytes that are no utf-8, read as U+FFFD": 1}


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_that_is_too_long_is_refused_wherever_it_ends(tmp_path, monkeypatch, end):
    monkeypatch.setattr(lines, "LONGEST", 1000)
    (tmp_path / "x").write_bytes(b'{"n": 1}\n{"n": "' + b"x" * 1000 + b'"}' + end)
    with pytest.raises(IngestError, match=r"x:2: has a line of more than 1,000 bytes"):
        found(tmp_path / "x")


def test_a_line_may_go_over_many_pieces(tmp_path):
    long = "x" * (3 * lines._PIECE)
    (tmp_path / "x").write_text(json.dumps({"n": long}) + '\n{"n": 2}')
    assert found(tmp_path / "x") == [(1, long), (2, 2)]


def test_a_bomb_is_unpacked_in_small_pieces(tmp_path):
    packed = zstandard.ZstdCompressor().compress(b"\n" * (1 << 28))
    sizes = [len(piece) for piece in lines.pieces(io.BytesIO(packed), Source(tmp_path).error)]
    assert sum(sizes) == 1 << 28
    assert max(sizes) <= 1 << 26
    sizes = [len(piece) for piece in lines.pieces(io.BytesIO(gzip.compress(b"\n" * (1 << 24))), Source(tmp_path).error)]
    assert sum(sizes) == 1 << 24
    assert max(sizes) <= 1 << 20


def test_unpacking_as_a_whole_stops_at_what_a_reader_may_take(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "LARGEST", 1000)
    (tmp_path / "x").write_bytes(zstandard.ZstdCompressor().compress(b"x" * 1001))
    with pytest.raises(IngestError, match="has more than 1,000 bytes"):
        lines.unpacked(Source(tmp_path / "x"))


@pytest.mark.parametrize("start", [b"", b"[1]", b'{"a": \n1}', b"{}{}", b'{"a": "' + b"x" * (1 << 16)])
def test_there_is_no_first_object_where_the_first_line_is_none_or_is_cut_off(start):
    assert lines.first_object(start[: 1 << 16]) in (None, {})


def test_a_folder_has_no_lines_and_nothing_to_be_seen(tmp_path):
    assert lines.glimpse(Source(tmp_path)) == b""
    with pytest.raises(IngestError, match="is a folder"):
        found(tmp_path)


def test_batches_end_when_they_are_long_or_hold_many_words(monkeypatch):
    monkeypatch.setattr(lines, "BATCH", 3)
    monkeypatch.setattr(lines, "BATCH_SIZE", 10)
    rows = [(*ROW, text) for text in ("a", None, "", "x" * 11, "b")]
    made = list(lines.frames(iter(rows)))
    assert [frame.height for frame in made] == [3, 1, 1]
    assert all(frame.schema == SCHEMA for frame in made)
    assert list(lines.frames(iter(()))) == []


def test_losses_are_counted_once_though_rows_are_read_twice_and_only_when_they_are_read_to_the_end(tmp_path):
    (tmp_path / "x").write_bytes(b"{}")
    reading = reading_of(tmp_path / "x")

    def entries(reading):
        reading.losses.add("lost", "things")
        yield (*ROW, "a")

    rows = lines.rows_of(reading, entries)
    next(rows.batches())
    assert reading.losses.counts["lost"] == {}
    assert [frame["text"].to_list() for _ in range(2) for frame in rows.batches()] == [["a"], ["a"]]
    assert reading.losses.counts["lost"] == {"things": 1}


def test_what_no_file_can_hold_is_taken_out_of_a_text():
    assert lines.storable("a\x00b\ud800c\nd\te") == "abc\nd\te"
