"""corpus-tools info: what is in a corpus."""

from __future__ import annotations

import argparse

from corpus_tools.cli.common import Commands, add_folder, add_modules, folder_of


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("info", help="what a corpus holds: versions, tables, rows, caveats")
    add_folder(parser)
    parser.add_argument("--release", metavar="VERSION", help="a released version, or draft (default: the newest)")
    add_modules(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what is in the corpus."""
    import json

    import polars as pl

    from corpus_tools.corpus import find_table, load, versions

    folder = folder_of(arguments)
    corpus = load(folder, arguments.release, modules=arguments.modules)
    rows = {
        name: {split: corpus.scan(name, split=split).select(pl.len()).collect().item() for split in splits}
        for name in corpus.tables
        for splits in [find_table(corpus.scheme, name)[0].splits]
    }
    if arguments.json:
        found = {
            "title": corpus.metadata.title,
            "version": corpus.version,
            "versions": versions(folder),
            "content_sha256": corpus.content_sha256,
            "text_sha256": corpus.text_sha256,
            "modules": [
                {name: getattr(module, name) for name in ("name", "title", "version", "content_sha256", "place")}
                for module in corpus.modules
            ],
            "tables": rows,
            "caveats": [dict(caveat) for caveat in corpus.caveats],
        }
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    print(corpus)
    print(f"folder: {folder}")
    print(f"versions: {', '.join(versions(folder)) or 'none released'}")
    for module in corpus.modules:
        print(f"module {module}: {module.title}; layers: {', '.join(module.scheme.layers)}; from {module.place}")
    width = max(map(len, rows))
    for name, counts in rows.items():
        print(f"  {name:<{width}}  {', '.join(f'{split} {n}' for split, n in counts.items())}")
    for caveat in corpus.caveats:
        print(f"caveat ({', '.join(caveat['about'])}): {caveat['text'].strip()}")
    return 0
