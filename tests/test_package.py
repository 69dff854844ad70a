"""The package as a whole: what it exports, what imports what, what an import costs."""

import ast
import subprocess
import sys
from importlib import resources

import pytest

import corpus_tools
from conftest import ROOT

PACKAGE = ROOT / "src" / "corpus_tools"
# Imports point up this list, never down.
ORDER = [
    "errors",
    "files",
    "frames",
    "generated",
    "content",
    "scheme",
    "references",
    "metadata",
    "citation",
    "conllu",
    "folder",
    "modules",
    "released",
    "corpus",
    "passages",
    "standoff",
    "history",
    "tokens",
    "characters",
    "kernels",
    "loops",
    "interning",
    "vocabulary",
    "pieces",
    "encoded",
    "measures",
    "charts",
    "reading",
    "describe",
    "agreement",
    "validate",
    "scaffold",
    "ingest",
    "exchange",
    "annotate",
    "release",
    "reproduce",
    "site",
    "cli",
    "bench",
    "__main__",
]


def modules():
    return [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"]


def home(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_every_module_has_its_place_in_the_order():
    assert {home(path) for path in modules()} == set(ORDER)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_up(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            if name == "corpus_tools":
                # `from corpus_tools import x` would hide from where it comes.
                assert home(path) == "cli", f"{path} imports from the package itself"
            if name.startswith("corpus_tools."):
                assert ORDER.index(name.split(".")[1]) <= ORDER.index(home(path)), f"{path} imports {name}"


def test_all_is_sorted_and_everything_in_it_is_there():
    assert corpus_tools.__all__ == sorted(corpus_tools.__all__)
    for name in corpus_tools.__all__:
        assert getattr(corpus_tools, name) is not None
    assert set(corpus_tools.__all__) <= set(dir(corpus_tools))


def test_a_name_keeps_its_meaning_whatever_was_imported_first():
    code = (
        "import corpus_tools.release, corpus_tools.reproduce, corpus_tools as ct\n"
        "print(ct.validate.validate, ct.published, ct.load)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "function validate" in shown
    assert "function published" in shown
    assert "function load" in shown


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'laod'"):
        _ = corpus_tools.laod


LIBRARIES = "polars", "pyarrow", "datasets", "altair", "pandas", "pyspark", "yaml", "tqdm", "tomlkit", "nbclient"


@pytest.mark.parametrize("code", ["import corpus_tools", "from corpus_tools.cli import parser; parser().format_help()"])
def test_importing_the_package_and_asking_for_help_import_no_library(code):
    code = f"import sys; {code}; print(*sorted({set(LIBRARIES)!r} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == ""


def test_the_package_says_that_it_is_typed():
    assert resources.files(corpus_tools).joinpath("py.typed").is_file()


def test_no_module_asserts_or_prints_but_the_command_line():
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not isinstance(node, ast.Assert), path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                assert home(path) == "cli", path
