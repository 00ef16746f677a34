"""A stored form of older code, brought to today's: `Party.schema_version`, `Party.migrations`."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

import msgspec

from machine_party.core.state_form import SCHEMA_VERSION, ActorState
from machine_party.errors import DefinitionError, RestoreError

if TYPE_CHECKING:
    from machine_party.core.party import Party

__all__ = ["check_migrations", "state_of_stored"]


def check_migrations(party: type[Party]) -> None:
    """Refuse a schema version that nothing leads to.

    Raises:
        DefinitionError: with the fix.
    """
    if not _is_version(party.schema_version):
        what = f"schema_version is {party.schema_version!r}"
        raise DefinitionError(party.__name__, what, "Give a number from 1.")
    _check_steps(party, sorted(party.migrations))
    for old, migrate in party.migrations.items():
        if not _is_plain(migrate):
            what = f"migrations[{old}] is no plain function"
            raise DefinitionError(party.__name__, what, "Write def to_next(form): … return form.")


def _is_version(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_plain(value: object) -> bool:
    return callable(value) and not iscoroutinefunction(value)


def _check_steps(party: type[Party], steps: list[int]) -> None:
    """They end at today's schema and leave nothing out. The oldest may be dropped."""
    last = party.schema_version - 1
    if last == 0 and not steps:
        return
    if not steps or steps != list(range(max(steps[0], 1), last + 1)):
        raise DefinitionError(
            party.__name__,
            f"migrations has {steps}, and schema_version is {party.schema_version}",
            f"Write one function for each schema up to {last}: {{{max(last, 1)}: …}}."
            if last
            else "Raise schema_version: {1: …} leads to 2.",
        )


def state_of_stored(party: Party, stored: Any) -> ActorState:
    """A stored form as a declared type, in today's schema. It shares nothing with `stored`.

    Raises:
        RestoreError: it is of another time, and nothing leads to today's schema.
        ValueError: it is no actor's form.
    """
    form = msgspec.to_builtins(stored)
    version = form.get("party_schema", 1) if isinstance(form, dict) else 1
    if version != party.schema_version:
        form = _migrated(party, form, version)
    state = msgspec.convert(form, ActorState)
    if state.schema != SCHEMA_VERSION:
        what = f"it is stored in form {state.schema}, and this machine-party reads {SCHEMA_VERSION}"
        raise RestoreError(f"party {party.name}: {what}. Use the release that stored it.")
    return state


def _migrated(party: Party, form: Any, version: Any) -> Any:
    where, today = f"party {party.name}", party.schema_version
    if not _is_version(version) or version > today:
        what = f"it was stored in schema {version!r}, and this code has schema {today}"
        raise RestoreError(f"{where}: {what}. Deploy the code that stored it, or newer.")
    for old in range(version, today):
        if old not in party.migrations:
            what = f"it is stored in schema {version}, and no migration leads on from {old}"
            raise RestoreError(f"{where}: {what}. Add migrations[{old}] to the party.")
        form = _step(party, form, old)
    return form


def _step(party: Party, form: Any, old: int) -> Any:
    where = f"party {party.name}: the migration from schema {old}"
    try:
        migrated: Any = party.migrations[old](form)
    except Exception as error:  # it is the game's code: whatever it raises
        raise RestoreError(f"{where} raised {error!r}. Mend migrations[{old}].") from error
    if not isinstance(migrated, dict):
        what = f"returned {type(migrated).__name__}"
        raise RestoreError(f"{where} {what}. Let migrations[{old}] return the form.")
    return {**migrated, "party_schema": old + 1}
