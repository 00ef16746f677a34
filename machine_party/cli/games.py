"""Finding the parties of a package."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

import typer

from machine_party.core import Party

__all__ = ["discover", "parties", "party_of"]


def discover(package: str = "games") -> list[type[Party]]:
    """The parties that a package and its modules define, or a module.

    The one with the most to do comes first: the front page offers it first.

    Raises:
        typer.BadParameter: there is no such package, or no party in it.
    """
    if not all(map(str.isidentifier, package.split("."))):
        what = f"{package!r} is no name of a package"
        raise typer.BadParameter(f"{what}; one is games, or my.games")
    try:
        found = importlib.import_module(package)
    except ModuleNotFoundError as error:
        if not f"{package}.".startswith(f"{error.name}."):
            raise
        raise typer.BadParameter(f"there is no package {package!r}") from None
    names = [name for _, name, _ in pkgutil.iter_modules(getattr(found, "__path__", []))]
    modules = [found, *(importlib.import_module(f"{package}.{name}") for name in names)]
    parties = {party.name: party for module in modules for party in _parties(module)}
    if not parties:
        raise typer.BadParameter(f"no module of {package!r} defines a Party")
    return sorted(parties.values(), key=lambda party: (-len(party.events), party.name))


def _parties(module: ModuleType) -> list[type[Party]]:
    """Those that the module itself defines, and that have a machine."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Party)
        and hasattr(value, "machine")
        and value.__module__.split(".")[:2] == module.__name__.split(".")[:2]
    ]


def parties(package: str) -> dict[str, Party]:
    """`{name: party}` of a package, also of the folder in which the command is run.

    Raises:
        typer.BadParameter: there is no such package, or no party in it.
    """
    sys.path.append(str(Path.cwd()))
    return {party.name: party() for party in discover(package)}


def party_of(name: str, package: str) -> Party:
    """The party of that name.

    Raises:
        typer.BadParameter: there is none; says which there are.
    """
    found = parties(package)
    if name not in found:
        there = ", ".join(found)
        raise typer.BadParameter(f"there is no party {name!r} in {package!r}; there is: {there}")
    return found[name]
