"""Files as received: decoded, unpacked, parsed, within bounds."""

import gzip
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.errors import IngestError
from corpus_tools.ingest import source as module
from corpus_tools.ingest.source import Source


@pytest.fixture
def opened(tmp_path):
    def open_(raw, name="file"):
        (tmp_path / name).write_bytes(raw)
        return Source(tmp_path / name)

    return open_


DECODED = {
    "UTF-8": ("é😀".encode(), "é😀", {}),
    "UTF-8 with a mark": ("é".encode("utf-8-sig"), "é", {}),
    "UTF-16 with a mark": ("é😀".encode("utf-16"), "é😀", {}),
    "UTF-16, big end first": (b"\xfe\xff" + "é".encode("utf-16-be"), "é", {}),
    "declared Windows-1251": (
        b"<meta charset=windows-1251>" + "Привет".encode("cp1251"),
        "<meta charset=windows-1251>Привет",
        {},
    ),
    "declared Latin-1 is read as browsers read it": (
        b'<?xml version="1.0" encoding="ISO-8859-1"?>\x93x\x94',
        '<?xml version="1.0" encoding="ISO-8859-1"?>“x”',
        {},
    ),
    "nothing declared": (
        b"na\xefve \x96",
        "naïve –",
        {"files of no declared encoding, read as windows-1252": 1},
    ),
    "a wrong byte in UTF-8": (
        b"<meta charset='utf-8'>" + b"x" * 300 + b"\xff" + "é".encode(),
        "<meta charset='utf-8'>" + "x" * 300 + "\ufffdé",
        {"bytes that are no utf-8, read as U+FFFD": 1},
    ),
    "an encoding that there is not": (
        b"<meta charset='klingon'>\xe9",
        "<meta charset='klingon'>é",
        {},
    ),
}


@pytest.mark.parametrize(("raw", "text", "repaired"), DECODED.values(), ids=DECODED)
def test_bytes_are_decoded_as_they_say_or_as_browsers_do_and_mending_is_counted(opened, raw, text, repaired):
    source = opened(raw)
    assert source.text == text
    assert source.losses.counts["repaired"] == repaired


def test_what_is_packed_is_unpacked_within_bounds(opened, monkeypatch):
    assert opened(gzip.compress(b"hello")).text == "hello"
    assert opened(gzip.compress(b"hello, ") + gzip.compress(b"you")).text == "hello, you"
    with pytest.raises(IngestError, match="ends before its packed content does"):
        _ = opened(gzip.compress(b"hello" * 100)[:-12]).raw
    with pytest.raises(IngestError, match="cannot be unpacked"):
        _ = opened(b"\x1f\x8b\x08\x00garbage that is no gzip").raw
    monkeypatch.setattr(module, "LARGEST", 10_000)
    with pytest.raises(IngestError, match="unpacks to more than 10,000 bytes"):
        _ = opened(gzip.compress(bytes(1_000_000))).raw
    with pytest.raises(IngestError, match="this form is read as a whole"):
        _ = opened(bytes(10_001)).raw


def zipped(files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def test_an_archive_gives_its_files_without_the_doubles_of_macos(opened, tmp_path):
    files = {"a/feed.atom": "x", "__MACOSX/a/._feed.atom": "y", "a/._b": "z", "../../out": "w", "/etc/x": "v", "d/": ""}
    source = opened(zipped(files))
    assert source.is_zip
    assert dict(source.members()) == {"a/feed.atom": b"x", "../../out": b"w", "/etc/x": b"v"}
    assert [path.name for path in tmp_path.rglob("*")] == ["file"]


def test_an_archive_that_unpacks_to_too_much_is_refused(opened, monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 100_000)
    with pytest.raises(IngestError, match="unpacks to more than"):
        list(opened(zipped({"a": bytes(60_000), "b": bytes(60_000)})).members())
    monkeypatch.setattr(module, "MOST_MEMBERS", 2)
    with pytest.raises(IngestError, match="holds 3 files; at most 2"):
        list(opened(zipped({"a": "", "b": "", "c": ""})).members())


def test_an_archive_with_a_password_is_refused(opened):
    raw = bytearray(zipped({"a": "secret"}))
    raw[6] |= 1  # the flag in the local header
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(IngestError, match="'a' in it is locked with a password"):
        list(opened(bytes(raw)).members())


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80), st.integers(0, 200))
def test_a_broken_archive_is_refused_or_read(tmp_path_factory, noise, place):
    raw = zipped({"a": b"hello" * 30, "b": b"x"})
    path = tmp_path_factory.mktemp("zip") / "x.zip"
    path.write_bytes(raw[:place] + noise + raw[place + len(noise) :])
    try:
        list(Source(path).members())
    except IngestError as problem:
        assert "x.zip" in str(problem)


def test_xml_is_read_though_it_is_not_well_formed(opened):
    source = opened(b"\n\n<a xmlns:x='u'><wp:b>1 &nbsp;2 & 3\x0b</wp:b><![CDATA[&nbsp;]]><x:c/>")
    assert source.xml.find("{*}c") is not None
    assert source.xml[0].tag == "wp:b"
    assert source.xml[0].text == "1 \u00a02 & 3"
    assert source.xml[0].tail == "&nbsp;"
    assert set(source.losses.counts["repaired"]) == {
        "characters before the beginning of the XML, passed over",
        "ampersands that are not escaped",
        "control characters, taken out",
        "entities that XML does not have, read as those of HTML",
        "places where the XML is not well-formed",
    }


def test_entities_of_a_files_own_are_refused_and_nothing_is_fetched(opened, tmp_path):
    (tmp_path / "secret").write_text("secret")
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    for raw in (bomb, f'<!DOCTYPE a [<!ENTITY b SYSTEM "file://{tmp_path}/secret">]><a>&b;</a>'.encode()):
        with pytest.raises(IngestError, match="declares entities of its own"):
            _ = opened(raw).xml
    outside = f'<!DOCTYPE a SYSTEM "file://{tmp_path}/secret"><a>x</a>'.encode()
    assert opened(outside).xml.text == "x"


def test_declarations_that_are_words_are_no_declarations(opened):
    words = "<!DOCTYPE a [<!ENTITY b 'c'>]>"
    source = opened(f"<?xml version='1.0'?><!-- {words} --><a><![CDATA[{words}]]><!-- {words} --></a>".encode())
    assert source.xml.text == words
    for raw in (f"<a>{words}</a>", f"<?x <a ?>{words}<a/>", f"<!-- <a --><?y <![CDATA[ ?>{words}<a>]]></a>"):
        with pytest.raises(IngestError, match="declares entities of its own"):
            _ = opened(raw.encode()).xml


def test_ampersands_in_comments_and_cdata_are_none_to_mend(opened):
    source = opened(b"<!-- Activate & Run --><a><![CDATA[<!-- & ]]>&amp;<!-- <![CDATA[ & -->&lt;</a>")
    assert "".join(source.xml.itertext("a")) == "<!-- & &<"
    assert source.losses.counts["repaired"] == {}


@pytest.mark.parametrize("raw", [b"", b"no markup", b"<", b"<>", b"<!-- -->", b"<?xml?>"])
def test_what_is_no_xml_is_refused(opened, raw):
    with pytest.raises(IngestError, match="file"):
        _ = opened(raw).xml


def test_json_is_read_or_refused_with_its_line(opened):
    assert opened(b'{"a": [1]}').json == {"a": [1]}
    with pytest.raises(IngestError, match=r"file:2: is no JSON"):
        _ = opened(b'{"a":\n nope}').json
    for raw in (b"[" * 100_000, b"1" * 10_000):
        with pytest.raises(IngestError, match="cannot be read as JSON"):
            _ = opened(raw).json


def test_a_source_is_a_file_or_a_folder(tmp_path):
    with pytest.raises(IngestError, match="does not exist"):
        Source(tmp_path / "none")
    assert Source(tmp_path).head == b""
    with pytest.raises(IngestError, match="is a folder; name a file in it"):
        _ = Source(tmp_path).raw


def test_a_page_that_ends_before_its_body_begins_is_read(opened):
    assert opened(b"<html><head></head></html>\n<body><p>x</p></body>").html.text_content().strip() == "x"


def test_references_to_no_character_are_read_as_browsers_do(opened):
    page = opened(b"<body><p>a&#150;b&#x93;c&#1;d&#xD800;e&#9999999;f&#233;</p></body>")
    assert page.html.text_content() == "a–b“cdefé"


def test_a_page_of_more_tags_than_any_is_refused(opened, monkeypatch):
    monkeypatch.setattr(module, "MOST_TAGS", 10)
    with pytest.raises(IngestError, match="has more than 10 tags"):
        _ = opened(b"<p>a" * 11).html


def test_names_that_the_system_refuses_are_errors_of_ours(tmp_path):
    with pytest.raises(IngestError, match="cannot be read"):
        Source(tmp_path / ("x" * 300))
    with pytest.raises(IngestError, match="cannot be read|does not exist"):
        Source(tmp_path / "a\0b")
