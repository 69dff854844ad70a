"""A new module to fill in, and one more corpus version for one that is there."""

from __future__ import annotations

import datetime
import re
import shutil
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from corpus_tools.citation.work import slug_of
from corpus_tools.errors import ModuleError, SchemeError, listed
from corpus_tools.files import read_utf8, write_whole
from corpus_tools.metadata import VERSION
from corpus_tools.modules.folder import ModuleFolder
from corpus_tools.modules.ground import Ground
from corpus_tools.modules.metadata import FILE, NAME, module_metadata, read_module_metadata

UNITS = ("span", "relation", "judgement")
ORIGINS = {
    "human expert": "manual native",
    "human crowd": "manual native",
    "language model": "model-generated",
    "rule": "rule",
}
"""Kind of annotator -> where the rows of a layer come from that such an annotator made."""
PLACEHOLDER = "FILL IN: "
"""How the words begin that whoever makes a module replaces with their own; rule W105 finds those that are left."""
SCHEME = """\
layer = "{layer}"
title = "FILL IN: title of the layer"
description = "FILL IN: what the layer marks, in a sentence."
guideline = "guidelines/{layer}.md"
guideline_version = "1"
origin = "{origin}"
scheme_source = "FILL IN: whom the labels follow, or: made for this module."

[{unit}]
description = "FILL IN: one row per what."
{more}
[[{unit}.labels]]
id = "yes"
definition = "FILL IN: what it means."
test = "FILL IN: a question that is answered yes exactly where the label is right?"
positive = "FILL IN: an example."
negative = "FILL IN: what looks like one and is none."

[[{unit}.labels]]
id = "no"
definition = "FILL IN: what it means."
test = "FILL IN: a question that is answered yes exactly where the label is right?"
positive = "FILL IN: an example."
negative = "FILL IN: what looks like one and is none."
"""
MORE = {
    "span": "",
    "relation": 'from = ["texts"]\nto = ["texts"]\n',
    "judgement": """\
unit = "texts"

[[judgement.questions]]
id = "{layer}"
definition = "FILL IN: what is asked."
test = "FILL IN: how it is decided."
""",
}
"""What a kind of unit declares beside labels: which rows it is about."""
GUIDELINE = """\
# Guideline: {layer}

FILL IN: what is marked, and step by step how.

## Labels

<!-- labels -->
<!-- /labels -->

## Versions

- 1: first version.
"""


def new_module(
    path: str | Path, corpus: Ground, *, layer: str, unit: str, kind: str, annotator: str = "ann"
) -> ModuleFolder:
    """Write the beginnings of a module of one layer, bound to a version of a corpus.

    Args:
        path: Its folder, which must not be there yet, or be empty; its last part becomes the module's name.
        corpus: The corpus, as `load` gives it.
        layer: The name of its layer.
        unit: `"span"`, `"relation"` or `"judgement"`.
        kind: What makes the first pass: `"human expert"`, `"human crowd"`, `"language model"` or `"rule"`.
        annotator: Its id.

    Returns:
        The module's files: module.toml, scheme/<layer>.toml with two labels, guidelines/<layer>.md, and
        annotations/<layer>/<annotator>.csv without rows. They load, and wait for rows, and for words where
        `PLACEHOLDER` stands.

    Raises:
        ModuleError: If the folder holds something, the layer or its name cannot be used, or the corpus is a draft.
    """
    target = Path(path).resolve()
    _refuse(target, corpus, layer=layer, unit=unit, kind=kind, annotator=annotator)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        toml = _toml(target.name, corpus, layer=layer, kind=kind, annotator=annotator)
        _write(beside, toml, layer=layer, unit=unit, origin=ORIGINS[kind])
        try:
            source = ModuleFolder(beside, corpus)
        except SchemeError:
            raise ModuleError(f"the corpus has a table named {layer!r} already; choose another layer name") from None
        names = [column.name for column in source.tables[layer].columns if not column.derived]
        write_whole(beside / "annotations" / layer / f"{annotator}.csv", ",".join(names) + "\n")
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
    return ModuleFolder(target, corpus)


def _refuse(target: Path, corpus: Ground, *, layer: str, unit: str, kind: str, annotator: str) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ModuleError(f"{target} holds something already; name a new folder")
    if unit not in UNITS:
        raise ModuleError(f"a new module may have one of {listed(UNITS)}, not {unit!r}")
    if kind not in ORIGINS:
        raise ModuleError(f"an annotator may be one of {listed(ORIGINS)}, not {kind!r}")
    if corpus.content_sha256 is None:
        raise ModuleError(f"{corpus.folder} was loaded as a draft, which changes; make a module over a release")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", layer):
        raise ModuleError(f"{layer!r} is no name for a layer; use lower-case letters, digits and underscores")
    if not re.fullmatch(r"[\w-][\w.-]*", annotator):
        raise ModuleError(f"{annotator!r} is no id for an annotator; it names a file, so use letters and digits")


def _write(folder: Path, toml: str, *, layer: str, unit: str, origin: str) -> None:
    scheme = SCHEME.format(layer=layer, unit=unit, origin=origin, more=MORE[unit].format(layer=layer))
    write_whole(folder / FILE, toml)
    write_whole(folder / "scheme" / f"{layer}.toml", scheme)
    write_whole(folder / "guidelines" / f"{layer}.md", GUIDELINE.format(layer=layer))


def _toml(folder: str, corpus: Ground, *, layer: str, kind: str, annotator: str) -> str:
    import tomlkit

    today = datetime.date.today()
    name = slug_of(folder)
    entries: dict[str, Any] = {
        "name": name if NAME.fullmatch(name) else f"module-{name}".rstrip("-"),
        "title": f"{PLACEHOLDER}title of the module",
        "version": "0.1.0",
        "date": today,
        "summary": f"{PLACEHOLDER}what it adds, in a sentence.",
        "licence": f"{PLACEHOLDER}an SPDX id such as CC-BY-4.0, or a sentence",
        "creators": [{"family_names": f"{PLACEHOLDER}family name", "given_names": f"{PLACEHOLDER}given names"}],
        "corpus": {
            "title": corpus.metadata.title,
            "versions": [corpus.version],
            "text_sha256": corpus.text_sha256,
        },
        "annotators": [
            {
                "annotator_id": annotator,
                "kind": kind,
                "name": f"{PLACEHOLDER}name, or model family",
                "description": f"{PLACEHOLDER}how the annotator worked.",
            }
        ],
        # No text yet: a text is listed once it has been gone through.
        "passes": [{"layer": layer, "annotator_id": annotator, "guideline_version": "1", "date": today, "texts": []}],
    }
    if kind == "rule":  # which follows no guideline
        del entries["passes"][0]["guideline_version"]
    return tomlkit.dumps(entries)


def bind(path: str | Path, version: str) -> bool:
    """Add a corpus version to those that a module is for; whether it was not there yet. The rest of the file stays.

    Whether the module fits that version is not looked at here: `corpus_tools.validate.check_module` does.

    Raises:
        ModuleError: If it is no version number, the folder is no module, or module.toml cannot be read.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    if VERSION.fullmatch(version) is None:
        raise ModuleError(f"{version!r} is no version number; a module is for releases, such as 1.0.0")
    if version in read_module_metadata(Path(path)).corpus.versions:
        return False
    file = Path(path) / FILE
    text = read_utf8(file, lambda where, problem: ModuleError(f"{where}: {problem}")).removeprefix("\ufeff")
    try:
        document: Any = tomlkit.parse(text)
    except TOMLKitError as problem:
        raise ModuleError(f"{file}: {problem}") from None
    document["corpus"]["versions"].append(version)
    made = tomlkit.dumps(document)
    module_metadata(file, tomllib.loads(made))  # nothing is written that could not be read again
    write_whole(file, made)
    return True
