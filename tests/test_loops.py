"""Compiled loops: kept as machine code, loaded without numba, and done without where they cannot be had."""

import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from corpus_tools import loops
from corpus_tools.interning import Interned


@pytest.fixture
def forgotten():
    """Nothing is loaded before, and what a test loads is not kept for others."""
    loops._loops.cache_clear()
    yield
    loops._loops.cache_clear()


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize("missing", ["llvmlite.binding", "corpus_tools.kernels"])
def test_where_loops_cannot_be_compiled_strings_are_left_to_polars(missing, monkeypatch, tmp_path):
    monkeypatch.setattr(loops, "LARGE", 0)
    monkeypatch.setattr(loops, "_folders", lambda: [tmp_path])
    monkeypatch.setitem(sys.modules, missing, None)
    assert loops.compiled(2**40) is None
    assert Interned(split=True).read(pl.Series(["a b a"]))[1].tolist() == [0, 1, 0]
    assert not list(tmp_path.iterdir())


def test_little_text_needs_no_loops():
    assert loops.compiled(loops.LARGE - 1) is None


@pytest.mark.usefixtures("forgotten")
def test_machine_code_is_kept_and_loaded_again(monkeypatch, tmp_path):
    pytest.importorskip("numba")
    # A file stands where the first folder would have to be made.
    (tmp_path / "first").write_text("")
    monkeypatch.setattr(loops, "_folders", lambda: [tmp_path / "first", tmp_path / "second"])
    compiled = loops.compiled(2**40)
    (path,) = (tmp_path / "second").iterdir()
    kept = path.read_text(encoding="utf-8")
    assert set(json.loads(kept)) == set(vars(compiled))
    loops._loops.cache_clear()
    monkeypatch.setitem(sys.modules, "corpus_tools.kernels", None)
    again = loops.compiled(2**40)
    assert set(vars(again)) == set(vars(compiled))
    assert path.read_text(encoding="utf-8") == kept


@pytest.mark.usefixtures("forgotten")
def test_what_cannot_be_kept_is_compiled_all_the_same(monkeypatch, tmp_path):
    pytest.importorskip("numba")
    (tmp_path / "folder").write_text("")
    monkeypatch.setattr(loops, "_folders", lambda: [tmp_path / "folder"])
    counts = np.zeros((2, 1), dtype=np.uint32)
    compiled = loops.compiled(2**40)
    compiled.add_up(np.array([0, 2, 3]), 2, np.array([1, 0, 1], dtype=np.int32), np.zeros(2, dtype=int), counts, 1)
    assert counts.tolist() == [[1], [2]]


def test_another_process_loads_them_without_numba():
    pytest.importorskip("numba")
    assert loops.compiled(2**40)
    code = "import sys; from corpus_tools.loops import compiled; print(bool(compiled(2**40)), 'numba' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "False"]


def test_numbers_of_another_kind_are_refused():
    pytest.importorskip("numba")
    add_up = loops.compiled(2**40).add_up
    starts, group, counts = np.array([0, 1]), np.zeros(1, dtype=int), np.zeros((2, 1), dtype=np.uint32)
    with pytest.raises(TypeError, match="a row of int32 in memory is needed, not int64 in strides"):
        add_up(starts, 1, np.zeros(1, dtype=np.int64), group, counts, 1)
    with pytest.raises(TypeError, match="a row of int32 in memory is needed, not int32 in strides"):
        add_up(starts, 1, np.zeros(4, dtype=np.int32)[::2], group, counts, 1)
