"""What tests of annotating share."""

import tomlkit

from corpus_tools.scheme import GOLD


def without_gold(corpus, layer):
    """Take the gold of a layer out of a corpus folder."""
    for file in (corpus / "annotations" / layer).glob("gold*"):
        file.unlink()
    metadata = tomlkit.parse((corpus / "corpus.toml").read_text())
    kept = tomlkit.aot()
    for one in metadata["passes"]:
        if (one["layer"], one["annotator_id"]) != (layer, GOLD):
            kept.append(one)
    metadata["passes"] = kept
    (corpus / "corpus.toml").write_text(tomlkit.dumps(metadata))
