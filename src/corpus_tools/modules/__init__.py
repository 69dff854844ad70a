"""Annotation modules: layers that others made over a corpus and publish in a folder of their own.

A module is bound to the title, the versions and the texts of the corpus it annotates (module.toml), and is otherwise a
corpus's scheme, guidelines and annotations. `load(modules=[...])` puts its layers beside those of the corpus.
"""

from corpus_tools.modules.folder import ModuleFolder
from corpus_tools.modules.ground import Ground, refuse_other_corpus
from corpus_tools.modules.hub import find_module
from corpus_tools.modules.metadata import Binding, ModuleMetadata, read_module_metadata
from corpus_tools.modules.module import Module, as_gold, open_module
from corpus_tools.modules.new import bind, new_module

__all__ = [
    "Binding",
    "Ground",
    "Module",
    "ModuleFolder",
    "ModuleMetadata",
    "as_gold",
    "bind",
    "find_module",
    "new_module",
    "open_module",
    "read_module_metadata",
    "refuse_other_corpus",
]
