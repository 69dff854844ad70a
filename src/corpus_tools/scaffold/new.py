"""The beginnings of a corpus: everything that is asked of one, with what only its maker knows left to fill in."""

from __future__ import annotations

import datetime
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from corpus_tools.errors import ArgumentError, listed
from corpus_tools.files import write_whole
from corpus_tools.metadata import DATASHEET, FILE, GENERATED
from corpus_tools.modules.new import PLACEHOLDER
from corpus_tools.scaffold.layers import chosen_layers, layer_files, references_of

HERE = Path(__file__).parent
VERSION = "0.1.0"
ANSWERS = {
    "title": "Title of the corpus",
    "summary": "What it holds, in a sentence",
    "description": "What it holds, in a few sentences",
    "creator": "Your name, as: Family, Given (or the name of a group)",
    "language": "Language of the threads (a tag such as en, de, pt-BR)",
    "keywords": "Keywords, with commas between them",
    "text_licence": "Licence of the texts (an SPDX id or a sentence)",
    "annotation_licence": "Licence of the annotations",
    "code_licence": "Licence of the code",
}
"""What only whoever makes a corpus knows: name of the answer -> the question."""
DEFAULTS = {
    "language": "en",
    "keywords": "reader comments",
    "text_licence": "The texts are third-party texts and stay their authors'; no licence is granted for them.",
    "annotation_licence": "CC-BY-4.0",
    "code_licence": "MIT",
}
"""Answers that are taken where none is given; in place of the others stands a placeholder."""
QUESTIONS = {
    "motivation": "why the corpus was made, and for whom.",
    "collection": "how the threads were chosen and saved, when, and by what right.",
    "annotation": "who or what annotated, how, and how far they agree.",
    "uses": "what it may be used for.",
    "non_uses": "what it should not be used for.",
    "personal_data": "what in it concerns persons, and how they are protected.",
    "removal": "how somebody who wrote one of the texts can have it taken out.",
    "maintenance": "who corrects errors, and for how long.",
}
"""What the datasheet on the card is asked: its keys in corpus.toml -> what to say."""
ATTRIBUTES = """\
# Byte for byte as received or released.
sources/** -text
releases/** -text
*.parquet binary
"""


def new_corpus(
    path: str | Path,
    *,
    layers: Iterable[str] = ("structure",),
    answers: Mapping[str, str] | None = None,
    date: datetime.date | None = None,
    notebooks: bool = True,
) -> Path:
    """Write the beginnings of a corpus, ready for `ingest`.

    Args:
        path: Its folder, which must not be there yet, or be empty.
        layers: The layers of the shipped corpus to take over, with their guidelines; those that they refer to come
            along.
        answers: What only you know, by the names in `ANSWERS`; where one is missing a default is taken, or a
            placeholder to fill in, which rule W105 finds.
        date: The date of the first version; today where omitted.
        notebooks: Write the notebooks that describe any corpus, too.

    Returns:
        The folder: corpus.toml, scheme/, guidelines/, a card to be generated at the first release, notebooks/.

    Raises:
        ArgumentError: If the folder holds something, or there is no such layer or answer.
    """
    target = Path(path).resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ArgumentError(f"{target} holds something already; name a new folder")
    given = {name: answer.strip() for name, answer in (answers or {}).items() if answer.strip()}
    unknown = sorted(set(given) - set(ANSWERS))
    if unknown:
        raise ArgumentError(f"nothing asks for {listed(unknown)}; answers are: {listed(ANSWERS)}")
    chosen = chosen_layers(layers)
    files = {
        FILE: _toml(given, chosen, date or datetime.date.today()),
        ".gitattributes": ATTRIBUTES,
        **layer_files(chosen),
    }
    files["README.md"] = _card(given.get("title") or target.name)
    if notebooks:
        files |= {f"notebooks/{book.name}": book.read_text(encoding="utf-8") for book in _notebooks()}
    _write(target, files)
    return target


def example_page() -> Path:
    """A small saved Blogger page, invented, with answers and a deleted comment; to try the tools on."""
    return HERE / "example.html"


def _notebooks() -> list[Path]:
    return sorted((HERE / "notebooks").glob("*.ipynb"))


def _write(target: Path, files: Mapping[str, str]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        for name, content in files.items():
            write_whole(beside / name, content)
        beside.chmod(0o755)
        if target.is_dir():
            # An empty folder, in which whoever made it may stand, stays the same folder.
            for made in beside.iterdir():
                made.replace(target / made.name)
            beside.rmdir()
        else:
            beside.replace(target)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def _toml(given: Mapping[str, str], layers: Iterable[str], date: datetime.date) -> str:
    """corpus.toml with comments, so that whoever fills it in need not look elsewhere."""
    answer = {
        name: given.get(name) or DEFAULTS.get(name) or f"{PLACEHOLDER}{question[0].lower()}{question[1:]}"
        for name, question in ANSWERS.items()
    }
    family, comma, rest = answer["creator"].partition(",")
    creator = {"family_names": family.strip(), "given_names": rest.strip()} if comma else {"name": family.strip()}
    if "creator" not in given:
        creator = {"family_names": f"{PLACEHOLDER}family name", "given_names": f"{PLACEHOLDER}given names"}
    keywords = ", ".join(_quoted(word.strip()) for word in answer["keywords"].split(",") if word.strip())
    datasheet = "\n".join(f"{key} = {_quoted(PLACEHOLDER + QUESTIONS[key])}" for key in DATASHEET)
    return f"""\
# The one source of the corpus's metadata: the card, the codebook and every citation are made from it.
# What begins with "{PLACEHOLDER.strip()}" waits for your words; `corpus-tools validate` names what is left of it.
title = {_quoted(answer["title"])}
version = "{VERSION}"
date = {date}
summary = {_quoted(answer["summary"])}
description = {_quoted(answer["description"])}
language = {_quoted(answer["language"])}
keywords = [{keywords}]

[licences]
text = {_quoted(answer["text_licence"])}
annotations = {_quoted(answer["annotation_licence"])}
code = {_quoted(answer["code_licence"])}

# What the datasheet on the card asks; take out what has no answer.
[datasheet]
{datasheet}

# A person has family_names and given_names, a group has a name; one [[creators]] table for each.
[[creators]]
{chr(10).join(f"{key} = {_quoted(value)}" for key, value in creator.items())}
{references_of(layers)}"""


def _quoted(text: str) -> str:
    import tomlkit

    return tomlkit.item(" ".join(text.split())).as_string()


def _card(title: str) -> str:
    return f"""\
<!-- {GENERATED}; replaced by the dataset card at the first release. -->
# {title}

A corpus of articles with their reader comments that holds no release yet.

```sh
corpus-tools ingest PATH --into .
corpus-tools validate .
corpus-tools release {VERSION} .
```
"""
