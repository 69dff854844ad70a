"""Values of exports in JSON: order by time, names, titles, roots of threads, files of lines."""

import datetime
import gzip

import pytest

from corpus_tools.errors import IngestError
from corpus_tools.ingest.model import ReadText
from corpus_tools.ingest.parts.entries import by_time, documents, head_of, id_from, name_of, time_of, top_of, unescaped
from ingesting import reading_of


def reading(tmp_path, raw):
    path = tmp_path / "x.json"
    path.write_bytes(raw)
    return reading_of(path)


def test_a_comment_without_a_time_stays_behind_the_one_before_it():
    hours = {"a": 9, "b": None, "c": 8, "d": None, "e": 9}
    times = {key: hour and datetime.datetime(2020, 1, 1, hour, tzinfo=datetime.UTC) for key, hour in hours.items()}
    ordered = by_time(ReadText("x", key=key, posted_at=time) for key, time in times.items())
    assert [one.key for one in ordered] == ["c", "d", "a", "b", "e"]


@pytest.mark.parametrize(
    ("value", "name"),
    [(" A\n B ", "A B"), ("Anonymous", "Anonymous"), ("[Deleted]", None), ("", None), (3, None), ("\ud800", None)],
)
def test_a_name_is_what_is_shown_on_one_line(value, name):
    assert name_of(value) == name


@pytest.mark.parametrize(
    ("value", "id_"),
    [
        (7, "7"),
        (7.0, "7"),
        ("t7 ", "t7"),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        (7.5, None),
        ([], None),
    ],
)
def test_an_id_is_a_whole_number_or_a_string(value, id_):
    assert id_from(value) == id_


@pytest.mark.parametrize(
    ("shown", "title"),
    [
        ("A &amp;amp; B", "A &amp; B"),
        ("it&#x27;s &#39;so&#39;", "it's 'so'"),
        ("AT&T &copy x", "AT&T &copy x"),
        (None, None),
    ],
)
def test_a_title_is_decoded_once(shown, title):
    assert unescaped(shown) == title


def test_the_root_is_reached_over_what_is_not_there_and_a_circle_ends():
    above = {"c": "b", "b": "a", "e": "d", "d": "e", "f": None}
    tops = {}
    assert [top_of(name, above, tops) for name in "cbedf"] == ["a", "a", tops["d"], tops["e"], "f"]
    assert tops["d"] == tops["e"]


@pytest.mark.parametrize("value", [1600000000, "1600000000", 1600000000.0, "2020-09-13T12:26:40Z"])
def test_a_time_is_seconds_or_a_string(tmp_path, value):
    assert time_of(reading(tmp_path, b""), value) == datetime.datetime(2020, 9, 13, 12, 26, 40, tzinfo=datetime.UTC)


@pytest.mark.parametrize("value", [None, [], {}, True, float("nan"), 1e300, "soon", ""])
def test_what_is_no_time_is_none(tmp_path, value):
    assert time_of(reading(tmp_path, b""), value) is None


def test_lines_of_json_are_values_and_a_bad_line_is_counted(tmp_path):
    one = reading(tmp_path, b'{"a": 1}\n\n{"a": \n[2]\n')
    assert documents(one.source) == [{"a": 1}, [2]]
    assert one.losses.counts["dropped"] == {"lines that are no JSON": 1}


def test_a_value_that_breaks_off_is_named_by_its_own_line(tmp_path):
    with pytest.raises(IngestError, match=r"x\.json:3: is no JSON"):
        documents(reading(tmp_path, b'{\n"a": 1,\n"b": ]').source)


@pytest.mark.parametrize(
    "raw", [b'{"a"', b'\xef\xbb\xbf{"a"', gzip.compress(b'{"a"'), '{"a"'.encode("utf-16"), b'{"\xff\xfea"']
)
def test_the_head_of_a_file_is_text_however_it_is_packed(tmp_path, raw):
    assert head_of(reading(tmp_path, raw).source) == '{"a"'


def test_the_head_of_a_broken_archive_is_empty(tmp_path):
    assert head_of(reading(tmp_path, b"\x1f\x8bno archive").source) == ""
