"""The compiled loops of `kernels`, where the extra `fast` is installed.

numba compiles them once for this machine and takes half a second only to start; so the machine code is kept on disk,
and what loads it the next time is llvmlite, on which numba itself is built, in a twentieth of that.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from corpus_tools.errors import listed
from corpus_tools.files import write_whole

LARGE = 1 << 21
"""Bytes of text from which on loops are compiled, or loaded."""
_SOURCES = ("kernels.py", "characters.py", "loops.py")
_lock = threading.Lock()


def compiled(n_bytes: int) -> SimpleNamespace | None:
    """The compiled loops by their names, where they can be had, and so much is to be read that it is worth loading."""
    if n_bytes < LARGE:
        return None
    with _lock:
        return _loops()


class Loop:
    """One of them, as it is called with arrays of numpy and whole numbers."""

    def __init__(self, engine: Any, symbol: str, takes: Sequence[str]) -> None:
        """What has its machine code, under which name, and what it takes, in C's words."""
        # The code is in memory as long as the engine is.
        self._engine = engine
        self._kinds = [np.dtype(kind[:-1]) if kind.endswith("*") else None for kind in takes]
        types = [ctypes.c_int64 if kind is None else ctypes.c_void_p for kind in self._kinds]
        self._call = ctypes.CFUNCTYPE(ctypes.c_int64, *types)(engine.get_function_address(symbol))

    def __call__(self, *given: Any) -> int:
        """Run it; other threads may run meanwhile."""
        values = []
        for kind, value in zip(self._kinds, given, strict=True):
            # Of another kind, it would be read as what it is not.
            if kind is not None and (value.dtype != kind or not value.flags.c_contiguous):
                raise TypeError(f"a row of {kind} in memory is needed, not {value.dtype} in strides of {value.strides}")
            values.append(int(value) if kind is None else value.ctypes.data)
        return int(self._call(*values))


@cache
def _loops() -> SimpleNamespace | None:
    # They read bytes as numbers whose first byte is the lowest.
    if sys.byteorder != "little":
        return None
    try:
        llvm = import_module("llvmlite.binding")
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        paths = [folder / _name(llvm) for folder in _folders()]
        if kept := next((path for path in paths if path.exists()), None):
            stored = json.loads(kept.read_text(encoding="utf-8"))
        else:
            stored = _machine_code(llvm)
            _keep(stored, paths)
    except ImportError:
        # Not installed, or not made for a numpy as new as this one.
        return None
    return SimpleNamespace(**{name: _loaded(llvm, **one) for name, one in stored.items()})


def _folders() -> list[Path]:
    """Where machine code is kept: beside the source, or, if that cannot be written, where a user keeps such things."""
    # `Path.expanduser` raises where a user has no home, as in some containers.
    own = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    return [Path(__file__).parent / "__pycache__", Path(own) / "corpus-tools"]


def _name(llvm: Any) -> str:
    """The name of the file: machine code is of this source, compiled by these, for this processor."""
    # Not needed by those who read little text.
    import hashlib
    from importlib.metadata import version

    folder = Path(__file__).parent
    made_of = [
        *(folder.joinpath(name).read_text(encoding="utf-8") for name in _SOURCES),
        *(version(package) for package in ("numba", "llvmlite", "numpy")),
        llvm.get_process_triple(),
        llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
        sys.implementation.cache_tag,
    ]
    digest = hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:16]
    return f"loops-{digest}.json"


def _machine(llvm: Any) -> Any:
    target = llvm.Target.from_triple(llvm.get_process_triple())
    features = llvm.get_host_cpu_features().flatten()
    return target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=features, opt=3, jit=True)


def _machine_code(llvm: Any) -> dict[str, dict[str, Any]]:
    """Compile: for each loop what it takes, its name in the code, and the code."""
    numba, kernels = import_module("numba"), import_module("corpus_tools.kernels")
    made = {}
    for name, (takes, function) in kernels.LOOPS.items():
        types = [
            numba.types.CPointer(getattr(numba.types, kind[:-1])) if kind.endswith("*") else getattr(numba.types, kind)
            for kind in takes
        ]
        # By zero is divided as numpy does, which raises nothing.
        loop = numba.cfunc(numba.int64(*types), error_model="numpy")(function)
        module = llvm.parse_assembly(loop.inspect_llvm())
        every = [*module.functions, *module.global_variables]
        if needs := [one.name for one in every if one.is_declaration and not one.name.startswith("llvm.")]:
            # Nobody would be there to answer.
            raise ImportError(f"the loop {name} calls {listed(needs)}")
        code = _machine(llvm).emit_object(module)
        made[name] = {"takes": takes, "symbol": loop.native_name, "code": code.hex()}
    return made


def _keep(stored: dict[str, dict[str, Any]], paths: Sequence[Path]) -> None:
    """Write the first of these files that can be written; without one, loops are compiled in each process."""
    for path in paths:
        with suppress(OSError):
            write_whole(path, json.dumps(stored))
            return


def _loaded(llvm: Any, *, takes: Sequence[str], symbol: str, code: str) -> Loop:
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine(llvm))
    engine.add_object_file(llvm.ObjectFileRef.from_data(bytes.fromhex(code)))
    engine.finalize_object()
    return Loop(engine, symbol, takes)
