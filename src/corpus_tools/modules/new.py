"""A new module to fill in, and one more corpus version for one that is there."""

from __future__ import annotations

import datetime
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from corpus_tools.errors import ModuleError, SchemeError, listed
from corpus_tools.files import read_utf8, write_whole
from corpus_tools.modules.folder import ModuleFolder
from corpus_tools.modules.ground import Ground
from corpus_tools.modules.metadata import FILE, NAME

UNITS = ("span", "relation", "judgement")
SCHEME = """\
layer = "{layer}"
title = "{layer}"
description = "What the layer marks, in a sentence."
guideline = "guidelines/{layer}.md"
guideline_version = "1"
origin = "manual native"
scheme_source = "Whom the labels follow, or: made for this module."

[{unit}]
description = "One row per ..."
{more}
[[{unit}.labels]]
id = "yes"
definition = "What it means."
test = "A question that is answered yes exactly where the label is right?"
positive = "An example."
negative = "What looks like one and is none."

[[{unit}.labels]]
id = "no"
definition = "What it means."
test = "A question that is answered yes exactly where the label is right?"
positive = "An example."
negative = "What looks like one and is none."
"""
MORE = {
    "span": "",
    "relation": 'from = ["texts"]\nto = ["texts"]\n',
    "judgement": """\
unit = "texts"

[[judgement.questions]]
id = "{layer}"
definition = "What is asked."
test = "How it is decided."
""",
}
"""What a kind of unit declares beside labels: which rows it is about."""
GUIDELINE = """\
# Guideline: {layer}

What is marked, and step by step how.

## Labels

<!-- labels -->
<!-- /labels -->

## Versions

- 1: first version.
"""


def new_module(path: str | Path, corpus: Ground, *, layer: str, unit: str, annotator: str = "ann") -> ModuleFolder:
    """Write the beginnings of a module of one layer, bound to a version of a corpus.

    Args:
        path: Its folder, which must not be there yet, or be empty; its last part becomes the module's name.
        corpus: The corpus, as `load` gives it.
        layer: The name of its layer.
        unit: `"span"`, `"relation"` or `"judgement"`.
        annotator: The id of who makes the first pass.

    Returns:
        The module's files: module.toml, scheme/<layer>.toml with two labels, guidelines/<layer>.md, and
        annotations/<layer>/<annotator>.csv without rows. They are sound, and wait for words and rows.

    Raises:
        ModuleError: If the folder holds something, the layer or its name cannot be used, or the corpus is a draft.
    """
    target = Path(path)
    _refuse(target, corpus, layer=layer, unit=unit, annotator=annotator)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        _write(beside, _toml(target.name, corpus, layer, annotator), layer=layer, unit=unit)
        try:
            source = ModuleFolder(beside, corpus)
        except SchemeError:
            raise ModuleError(f"the corpus has a table named {layer!r} already; choose another layer name") from None
        names = [column.name for column in source.tables[layer].columns if not column.derived]
        write_whole(beside / "annotations" / layer / f"{annotator}.csv", ",".join(names) + "\n")
        beside.chmod(0o755)
        beside.replace(target)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return ModuleFolder(target, corpus)


def _refuse(target: Path, corpus: Ground, *, layer: str, unit: str, annotator: str) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ModuleError(f"{target} holds something already; name a new folder")
    if unit not in UNITS:
        raise ModuleError(f"a new module may have one of {listed(UNITS)}, not {unit!r}")
    if corpus.content_sha256 is None:
        raise ModuleError(f"{corpus.folder} was loaded as a draft, which changes; make a module over a release")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", layer):
        raise ModuleError(f"{layer!r} is no name for a layer; use lower-case letters, digits and underscores")
    if not re.fullmatch(r"[\w-][\w.-]*", annotator):
        raise ModuleError(f"{annotator!r} is no id for an annotator; it names a file, so use letters and digits")


def _write(folder: Path, toml: str, *, layer: str, unit: str) -> None:
    scheme = SCHEME.format(layer=layer, unit=unit, more=MORE[unit].format(layer=layer))
    write_whole(folder / FILE, toml)
    write_whole(folder / "scheme" / f"{layer}.toml", scheme)
    write_whole(folder / "guidelines" / f"{layer}.md", GUIDELINE.format(layer=layer))


def _toml(folder: str, corpus: Ground, layer: str, annotator: str) -> str:
    import tomlkit

    today = datetime.date.today()
    name = re.sub(r"[^a-z0-9]+", "-", folder.lower()).strip("-")
    entries: dict[str, Any] = {
        "name": name if NAME.fullmatch(name) else f"module-{name}".rstrip("-"),
        "title": "Title of the module",
        "version": "0.1.0",
        "date": today,
        "summary": "What it adds, in a sentence.",
        "licence": "CC-BY-4.0",
        "creators": [{"family_names": "Family name", "given_names": "Given names"}],
        "corpus": {
            "title": corpus.metadata.title,
            "versions": [corpus.version],
            "text_sha256": corpus.text_sha256,
        },
        "annotators": [
            {
                "annotator_id": annotator,
                "kind": "human expert",
                "name": "Name",
                "description": "How the annotator worked.",
            }
        ],
        # No text yet: a text is listed once it has been gone through.
        "passes": [{"layer": layer, "annotator_id": annotator, "guideline_version": "1", "date": today, "texts": []}],
    }
    return tomlkit.dumps(entries)


def bind(path: str | Path, version: str) -> bool:
    """Add a corpus version to those that a module is for; whether it was not there yet. The rest of the file stays.

    Whether the module fits that version is not looked at here: `corpus_tools.validate.check_module` does.

    Raises:
        ModuleError: If module.toml is not UTF-8, or has no list of versions.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    file = Path(path) / FILE
    text = read_utf8(file, lambda where, problem: ModuleError(f"{where}: {problem}"))
    try:
        document: Any = tomlkit.parse(text)
        versions = document["corpus"]["versions"]
    except TOMLKitError as problem:
        raise ModuleError(f"{file}: {problem}") from None
    if version in versions:
        return False
    versions.append(version)
    write_whole(file, tomlkit.dumps(document))
    return True
