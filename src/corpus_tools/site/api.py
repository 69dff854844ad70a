"""The reference of this package as pages: what is public is listed here, what is said of it is in the docstrings."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

PACKAGE = "corpus_tools"
LONGEST = 60
"""Characters of a constant's value that are shown."""


def api_pages() -> dict[str, str]:
    """File name -> reStructuredText: the package, and each of its public modules."""
    package = importlib.import_module(PACKAGE)
    modules = public_modules()
    pages = {"api.rst": "\n".join(_package_page(package, modules))}
    return pages | {f"api/{name}.rst": "\n".join(_module_page(module)) for name, module in modules.items()}


def public_modules() -> dict[str, ModuleType]:
    """Name -> module, for the modules among the public names of the package."""
    package = importlib.import_module(PACKAGE)
    named = {name: getattr(package, name) for name in package.__all__}
    return {name: value for name, value in named.items() if inspect.ismodule(value)}


def public_names(module: ModuleType) -> list[str]:
    """What a module exports, or where it does not say so, the functions and classes it defines; no modules."""
    own = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    names = getattr(module, "__all__", sorted(name for name in own if not name.startswith("_")))
    return [name for name in names if not inspect.ismodule(getattr(module, name))]


def documented() -> dict[str, object]:
    """Full name -> object, for everything that is public; of names for the same object the last has its entry."""
    package = importlib.import_module(PACKAGE)
    modules = [package, *public_modules().values()]
    return {f"{module.__name__}.{name}": getattr(module, name) for module in modules for name in public_names(module)}


def rst(text: str) -> str:
    """Prose of a docstring, in which `one backtick` makes code and nothing else is markup, as reStructuredText."""
    pieces = re.split(r"(?<!`)(`{1,2})(?!`)(.+?)(?<!`)\1(?!`)", text, flags=re.DOTALL)
    made: list[str] = []
    # The pattern has two groups: prose, the backticks, what is between them, prose again.
    for prose, between in zip(pieces[::3], [*pieces[2::3], None], strict=True):
        escaped = re.sub(r"(?<=\w)_(?!\w)", r"\\_", re.sub(r"([\\*|])", r"\\\1", prose))
        # A word that touches code would keep it from being read as such.
        made.append(re.sub(r"\A(?=\w)", r"\\ ", escaped) if made else escaped)
        if between is not None:
            made[-1] = re.sub(r"(?<=\w)\Z", r"\\ ", made[-1])
            made.append(f"``{between}``")
    return "".join(made)


def _title(text: str, line: str = "=") -> list[str]:
    return [text, line * len(text), ""]


def _package_page(package: ModuleType, modules: dict[str, ModuleType]) -> Iterator[str]:
    yield from _title("Python reference")
    yield from _literal("import corpus_tools as ct")
    yield "Modules, and the names that stand in the package itself. Everything is imported when it is first used."
    yield ""
    yield from _table(
        "module", [(f":py:mod:`ct.{name} <{PACKAGE}.{name}>`", _first_line(module)) for name, module in modules.items()]
    )
    homes = {id(getattr(module, name)): module.__name__ for module in modules.values() for name in public_names(module)}
    own = {name: getattr(package, name) for name in public_names(package)}
    # What a module of its own exports is described there.
    places = {name: homes.get(id(value), PACKAGE) for name, value in own.items()}
    yield from _table(
        "name", [(f":py:obj:`ct.{name} <{places[name]}.{name}>`", _first_line(value)) for name, value in own.items()]
    )
    yield from [".. toctree::", "   :hidden:", "", *(f"   api/{name}" for name in modules), ""]
    yield from [f".. py:module:: {PACKAGE}", ""]
    for name in own:
        if places[name] == PACKAGE:
            yield from _entry(package, name)


def _module_page(module: ModuleType) -> Iterator[str]:
    yield from _title(module.__name__)
    yield from [f".. automodule:: {module.__name__}", "   :no-members:", ""]
    names = public_names(module)
    full = module.__name__
    yield from _table("name", [(f":py:obj:`~{full}.{name}`", _first_line(getattr(module, name))) for name in names])
    for name in names:
        yield from _entry(module, name)


def _table(head: str, rows: list[tuple[str, str]]) -> Iterator[str]:
    yield from [".. list-table::", "   :header-rows: 1", "   :widths: auto", "", f"   * - {head}", "     - what it is"]
    for name, text in rows:
        yield from [f"   * - {name}", f"     - {text}".rstrip()]
    yield ""


def _literal(text: str) -> list[str]:
    return [".. code-block:: python", "", *(f"   {line}" for line in text.splitlines()), ""]


def _first_line(value: object) -> str:
    """The first sentence of a docstring of its own; a constant has none."""
    about = inspect.ismodule(value) or inspect.isclass(value) or inspect.isroutine(value)
    return rst((inspect.getdoc(value) or "").split("\n\n")[0].replace("\n", " ")) if about else ""


def _kind(value: object) -> str:
    if inspect.isclass(value):
        return "exception" if issubclass(value, BaseException) else "class"
    return "function" if inspect.isfunction(value) else "data"


def _entry(module: ModuleType, name: str) -> list[str]:
    value, full = getattr(module, name), f"{module.__name__}.{name}"
    kind = _kind(value)
    if kind != "data":
        members = ["   :members:", "   :undoc-members:"] if kind in ("class", "exception") else []
        return [f".. auto{kind}:: {full}", *members, ""]
    shown = repr(value)
    short = [f"   :value: {shown}"] if len(shown) <= LONGEST and not isinstance(value, Path) else []
    said = rst(_said_of(module, name)).splitlines()
    return [f".. py:data:: {name}", f"   :type: {type(value).__name__}", *short, "", *(f"   {x}" for x in said), ""]


def _said_of(module: ModuleType, name: str) -> str:
    """The docstring that follows a constant where it is defined."""
    body = ast.parse(inspect.getsource(module)).body
    for statement, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(statement, ast.ImportFrom) and name in [alias.asname or alias.name for alias in statement.names]:
            return _said_of(importlib.import_module(statement.module or ""), name)
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            value = after.value if isinstance(after, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                return inspect.cleandoc(value.value)
    return ""
