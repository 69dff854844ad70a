"""CoNLL-U: what is read is what another reader reads, and every word lies where the text has it."""

import itertools

import conllu
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import LAYERED
from corpus_tools.conllu import misc_of, read_conllu, sentence_rows, token_rows
from corpus_tools.errors import RecordsError
from corpus_tools.folder import Folder

FILES = sorted((LAYERED / "annotations" / "tokens").glob("*.conllu"))
HEAD = "# newdoc id = t\n# sent_id = s\n"


def word(number, form, *, upos="X", deps="_", misc="_"):
    if "-" in str(number):
        return f"{number}\t{form}" + "\t_" * 7 + f"\t{misc}\n"
    return f"{number}\t{form}\t{form}\t{upos}\t_\t_\t0\troot\t{deps}\t{misc}\n"


def read(tmp_path, text):
    path = tmp_path / "gold.conllu"
    path.write_bytes(text.encode())
    return read_conllu(path)


def places(sentences, text):
    return [
        (row["form"], *(None if row[name] is None else int(row[name]) for name in ("start_char", "end_char")))
        for row in token_rows(sentences, {"t": text}, prefix="")
    ]


BROKEN = {
    "no document": ("# sent_id = s\n" + word(1, "a"), "line 2: a sentence needs '# sent_id' and, before it, '# newdoc id'"),
    "no id": (HEAD + word(1, "a") + "\n" + word(1, "b"), "line 5: a sentence needs '# sent_id'"),
    "blanks for tabs": (HEAD + "1 a a X _ _ 0 root _ _\n", "line 3: 1 columns; CoNLL-U has 10, divided by tabs"),
    "a column too many": (HEAD + word(1, "a\tb"), "line 3: 12 columns"),
    "a number left out": (HEAD + word(1, "a") + word(3, "b"), "line 4: word '3' where 2 is next"),
    "an empty node": (HEAD + word(1, "a") + word("1.1", "b"), "line 4: word '1.1' where 2 is next; empty nodes are not"),
    "enhanced dependencies": (HEAD + word(1, "a", deps="0:root"), "line 3: the column DEPS is not kept"),
    "a multiword token of one word": (HEAD + word("1-1", "a"), "line 3: multiword token '1-1' must stand before"),
    "a multiword token that ends before it begins": (HEAD + word(1, "a") + word("2-1", "b"), "line 4: multiword token '2-1'"),
    "a multiword token after its words": (HEAD + word(1, "a") + word(2, "b") + word("1-2", "ab"), "line 5: multiword token"),
    "a multiword token inside another": (HEAD + word("1-3", "a") + word(1, "a") + word("2-3", "b"), "line 5: multiword token"),
    "a multiword token with a head": (
        HEAD + "1-2\tab\t_\t_\t_\t_\t0\t_\t_\tCorrectForm=ab\n",
        "line 3: head, CorrectForm of a multiword token is not kept",
    ),
    "a key of MISC that is not kept": (HEAD + word(1, "a", misc="CorectForm=b"), "line 3: CorectForm in MISC is not kept"),
    "a multiword token beyond the sentence": (
        HEAD + word("1-2", "a") + word(1, "a"),
        "line 3: the sentence that begins here has 1 word and a multiword token up to word 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path, text, message):
    with pytest.raises(RecordsError, match="gold.conllu") as caught:
        read(tmp_path, text)
    assert message in str(caught.value)


def test_bytes_that_are_no_utf8_are_named(tmp_path):
    (tmp_path / "gold.conllu").write_bytes(b"\xff")
    with pytest.raises(RecordsError, match="is not UTF-8"):
        read_conllu(tmp_path / "gold.conllu")


def cells(sentence):
    """The words of a sentence of ours in the other reader's form."""
    for row in sentence.words:
        yield (int(row["id"]), row["form"], row["lemma"], row["upos"], misc_of(row["feats"]), int(row["head"]), row["deprel"], misc_of(row["misc"]))  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_another_reader_finds_the_same_sentences_words_and_multiword_tokens(path):
    ours, theirs = read_conllu(path), conllu.parse(path.read_text(encoding="utf-8"))
    assert len(ours) == len(theirs) == 7
    assert [(each.sent_id, each.s_type) for each in ours] == [
        (each.metadata["sent_id"], each.metadata["s_type"]) for each in theirs
    ]
    for one, other in zip(ours, theirs, strict=True):
        assert list(cells(one)) == [
            (each["id"], each["form"], each["lemma"], each["upos"], each["feats"] or {}, each["head"], each["deprel"], each["misc"] or {})
            for each in other
            if isinstance(each["id"], int)
        ]  # fmt: skip
        assert {(first, "-", last): own["form"] for first, (last, own) in one.multiwords.items()} == {
            each["id"]: each["form"] for each in other if isinstance(each["id"], tuple)
        }


@pytest.mark.parametrize("split", ["gold", "passes"])
def test_every_word_of_a_sound_corpus_is_the_slice_at_its_place_or_part_of_one(split):
    source = Folder(LAYERED)
    texts = dict(source.scan(source.scheme.table("texts")).select("text_id", "text").collect().iter_rows())
    rows = source.scan(source.scheme.table("tokens"), split).collect()
    assert rows.height == {"gold": 4 + 11 + 6 + 6 + 6 + 7 + 4, "passes": 4 + 11 + 6 + 6 + 6 + 5 + 4}[split]
    for row, after in itertools.zip_longest(rows.iter_rows(named=True), rows[1:].iter_rows(named=True)):
        text, end = texts[row["text_id"]], row["end_char"]
        assert text[row["start_char"] : end] in (row["form"], row["multiword"])
        # The words of one that they do not spell share its place; white space follows the last.
        ends = after is None or (after["text_id"], after["end_char"]) != (row["text_id"], end)
        assert row["space_after"] == (ends and (end == len(text) or text[end].isspace()))


def test_the_parts_of_a_sound_corpus_are_these():
    source = Folder(LAYERED)
    rows = source.scan(source.scheme.table("tokens"), "gold").collect()
    shown = {
        row["token_id"]: (row["form"], row["start_char"], row["end_char"], row["multiword"], row["correct_form"])
        for row in rows.iter_rows(named=True)
    }
    assert shown["a1-s1-t4"] == ("🌉", 20, 21, None, None)
    assert shown["c1-s1-t2"] == ("do", 2, 4, "don't", None)
    assert shown["c1-s1-t3"] == ("n't", 4, 7, "don't", None)
    assert shown["c2-s1-t3"] == ("not", 2, 7, "dunno", None)
    assert shown["c2-s2-t2"] == ("cafe\u0301", 18, 23, None, None)
    assert shown["c2-s2-t3"] == ("agress", 24, 30, None, "agrees")
    sentences = source.scan(source.scheme.table("sentences"), "gold").collect()
    assert sentences["quote"].to_list() == [
        "Harbour Bridge Shut 🌉",
        "The mayor of Eastport closed the old bridge on Monday.",
        "She didn't say why.",
        "I don't like it.",
        "The mayor never asks us!",
        "I dunno, Ann.",
        "The cafe\u0301 agress 😀",
    ]
    assert sentences["position"].to_list() == [1, 2, 3, 1, 2, 1, 2]


FORM = st.text(alphabet="ab'é\u0301😀-", min_size=1, max_size=4)
GAP = st.sampled_from(["", " ", "\n\n", "\u00a0", "\u2028"])


@given(st.lists(st.tuples(st.lists(FORM, min_size=1, max_size=3), st.booleans(), GAP), min_size=1, max_size=8))
def test_words_are_found_where_the_text_was_made_of_them(tmp_path_factory, drawn):
    text, lines, expected, number = "", "", [], 1
    for parts, spelled, gap in drawn:
        surface = "".join(parts) if spelled or len(parts) == 1 else "".join(parts) + "x"
        if len(parts) > 1:
            lines += word(f"{number}-{number + len(parts) - 1}", surface)
        at = len(text)
        for part in parts:
            lines += word(number, part)
            whole = "".join(parts) != surface
            expected.append((part, *((len(text), len(text) + len(surface)) if whole else (at, at + len(part)))))
            at += len(part)
            number += 1
        text += surface + gap
    found = read(tmp_path_factory.mktemp("drawn"), HEAD + lines)
    assert places(found, text) == expected
    [sentence] = sentence_rows(found, {"t": text}, prefix="kim-")
    assert sentence["quote"] == text[expected[0][1] : expected[-1][2]]
    assert sentence["sentence_id"] == "kim-s"


def test_nothing_is_placed_after_a_word_that_the_text_does_not_hold_until_the_next_text(tmp_path):
    second = "\n# newdoc id = u\n# sent_id = v\n" + word(1, "a")
    sentences = read(tmp_path, HEAD + word(1, "a") + word(2, "x") + word(3, "b") + second)
    rows = list(token_rows(sentences, {"t": "a b", "u": "a"}, prefix=""))
    assert [(row["start_char"], row["end_char"]) for row in rows] == [
        ("0", "1"),
        (None, None),
        (None, None),
        ("0", "1"),
    ]
    [broken, whole] = sentence_rows(sentences, {"t": "a b", "u": "a"}, prefix="")
    assert (broken["quote"], broken["start_char"], broken["end_char"]) == ("a x b", None, None)
    assert (whole["quote"], whole["position"]) == ("a", "1")


def test_words_of_an_unknown_text_have_no_place(tmp_path):
    [row] = token_rows(read(tmp_path, HEAD + word(1, "a")), {}, prefix="")
    assert (row["start_char"], row["end_char"], row["form"]) == (None, None, "a")


def test_only_a_line_feed_ends_a_line_and_a_mark_of_byte_order_or_a_carriage_return_is_passed_over(tmp_path):
    text = "\ufeff" + HEAD + "# text = a\u2028b\u0085c\n" + word(1, "a")
    [sentence] = read(tmp_path, text.replace("\n", "\r\n"))
    assert (sentence.text_id, sentence.sent_id, sentence.line, len(sentence.words)) == ("t", "s", 4, 1)
    assert sentence.words[0]["misc"] == "_"


def test_a_file_without_a_sentence_has_none(tmp_path):
    assert read(tmp_path, "") == read(tmp_path, "# global.columns = ID\n\n") == []
