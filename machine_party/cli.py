"""The command line: `machine-party serve`, `play` and `types`. No logic but its own output."""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import re
import socket
import sys
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from types import ModuleType
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.markup import escape

from machine_party import __version__
from machine_party.core import Party, party_types
from machine_party.errors import StoreError, StoreUnavailable
from machine_party.server import MachineParty, PortBusy, Server, listen
from machine_party.server.qr import qr_text
from machine_party.server.storage import Storage, open_storage

__all__ = ["app", "discover", "main"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
)
_out = Console()
_err = Console(stderr=True)

_ANYWHERE = ("0.0.0.0", "::")
_SCHEMES = ("http", "https", "ws", "wss")
_ROOM_PATH = re.compile(r"/parties/[^/]+/[^/]+$")
_DOCUMENTATION_NET = ("192.0.2.1", 9)
"""RFC 5737: an address that nobody has. A route is looked up for it; nothing is sent."""


class LogLevel(StrEnum):
    """How much the server says."""

    error = "error"
    warning = "warning"
    info = "info"
    debug = "debug"


def main() -> None:
    """The entry point of the `machine-party` command."""
    app()


def _print_version(wanted: bool) -> None:
    if wanted:
        _out.print(f"machine-party {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say which it is."),
    ] = False,
) -> None:
    """Multiplayer state machines: serve games, and play them from a terminal."""


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 is all.")] = "0.0.0.0",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes any free one.")] = 8000,
    origin: Annotated[
        list[str] | None,
        typer.Option(help="Origin of web pages that may connect; the server's own by default."),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            envvar="MACHINE_PARTY_STORE",
            help="Where rooms are kept: sqlite:///file, postgresql://user@host/database, or "
            "memory: to forget them in the end. By default rooms.sqlite in the data folder.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            envvar="MACHINE_PARTY_DATA",
            help="The data folder; by default machine-party in this user's.",
        ),
    ] = None,
    secret_file: Annotated[
        Path | None,
        typer.Option(
            help="File with the secret that signs tokens; made if it is not there. By default "
            "beside the store's file, or in the data folder."
        ),
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            help="This server as players reach it: for the QR code, and pages opened here."
        ),
    ] = None,
    log_level: Annotated[LogLevel, typer.Option(help="How much to log.")] = LogLevel.warning,
) -> None:
    """Serve every game of the `games` package until SIGTERM or Ctrl-C.

    Rooms are kept: after a restart everybody is back in their seat.
    """
    games = discover()
    with (
        _bound(host, port) as bound,
        contextlib.closing(_storage(store, data, secret_file)) as storage,
    ):
        url = public_url or _url(host, bound.getsockname()[1])
        party = _party(games, origin, storage, url)
        server = Server(
            party,
            limits=party.limits,
            log_level=log_level,
            on_started=lambda: _announce(url, list(party.parties), storage),
        )
        server.run(sockets=[bound])


@app.command()
def play(
    url: Annotated[str, typer.Argument(help="A room: http://host:8000/parties/trivia/abc234")],
    name: Annotated[str | None, typer.Option(help="How the others see you.")] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="MACHINE_PARTY_TOKEN",
            help="Who you are. On the command line others see it: prefer the variable.",
        ),
    ] = None,
    ask_token: Annotated[bool, typer.Option("--ask-token", help="Ask for the token.")] = False,
) -> None:
    """Join a room and play it in this terminal."""
    from client_facade.play import play as play_room

    _check_room_url(url)
    if ask_token:
        token = typer.prompt("Token", hide_input=True).strip()
    play_room(url, name=name, token=token)


@app.command()
def types(
    party: Annotated[str, typer.Argument(help="The name of a party: trivia")],
    games: Annotated[
        str, typer.Option(help="The package or module that defines it, also in this folder.")
    ] = "games",
    output: Annotated[Path | None, typer.Option(help="The file to write; else printed.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if the file is stale.")
    ] = False,
) -> None:
    """Write a party's types for TypeScript: its states, views and events."""
    if check and output is None:
        raise typer.BadParameter("--check compares a file: name it with --output")
    text = party_types(_named(party, games))
    if output is None:
        typer.echo(text, nl=False)
    elif check:
        _check_current(output, text)
    else:
        _write(output, text)


def discover(package: str = "games") -> list[type[Party]]:
    """The parties that a package and its modules define, or a module.

    The one with the most to do comes first: the front page offers it first.

    Raises:
        typer.BadParameter: there is no such package, or no party in it.
    """
    try:
        found = importlib.import_module(package)
    except ModuleNotFoundError as error:
        if not f"{package}.".startswith(f"{error.name}."):
            raise
        raise typer.BadParameter(f"there is no package {package!r} to serve") from None
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


def _named(name: str, package: str) -> type[Party]:
    sys.path.append(str(Path.cwd()))
    found = {party.name: party for party in discover(package)}
    if name not in found:
        there = ", ".join(found)
        raise typer.BadParameter(f"there is no party {name!r} in {package!r}; there is: {there}")
    return found[name]


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise typer.BadParameter(f"cannot write {file}: {error.strerror or error}") from None


def _check_current(file: Path, text: str) -> None:
    """Fails, with the first line that differs, if the file is not what would be written."""
    fix = "Write it anew: the same command without --check"
    if not file.is_file():
        _fail(f"There is no {file}.", fix)
    there = file.read_text("utf-8", errors="replace").splitlines()
    for at, (old, new) in enumerate(zip_longest(there, text.splitlines()), 1):
        if old != new:
            _fail(f"{file} is stale, from line {at} on.", f"- {old or ''}\n+ {new or ''}\n{fix}")


def _check_room_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname or not _ROOM_PATH.search(parts.path):
        raise typer.BadParameter(
            f"{url!r} is not the address of a room; "
            "it looks like http://host:8000/parties/trivia/abc234"
        )


def _bound(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except PortBusy:
        other = port + 1 if port < 65535 else 0
        _fail(
            f"Port {port} is in use by another program.",
            f"Choose another: machine-party serve --port {other}  (or --port 0 for any free one)",
        )
    except OSError as error:
        _fail(
            f"Cannot listen on {host}: {error.strerror or error}.",
            "Choose an address of this machine: --host 127.0.0.1, or --host 0.0.0.0 for all",
        )
    raise AssertionError  # pragma: no cover


def _storage(url: str | None, folder: Path | None, secret_file: Path | None) -> Storage:
    try:
        return open_storage(url, folder=folder, secret_file=secret_file)
    except StoreUnavailable as error:
        _fail(f"{error}", "Or keep rooms elsewhere, with another --store; memory: is nowhere")
    except StoreError as error:
        if url is not None:
            raise typer.BadParameter(str(error), param_hint="--store") from None
        _fail(
            f"{error}", "Keep rooms in another folder: --data FOLDER, or nowhere: --store memory:"
        )
    except (ValueError, OSError) as error:
        raise typer.BadParameter(str(error), param_hint="--secret-file") from None
    raise AssertionError  # pragma: no cover


def _party(
    games: list[type[Party]], origins: list[str] | None, storage: Storage, url: str
) -> MachineParty:
    try:
        return MachineParty(
            games,
            store=storage.store,
            secret=storage.secret,
            allowed_origins=origins or None,
            public_url=url,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _fail(what: str, fix: str) -> None:
    _err.print(f"[bold red]{escape(what)}[/]\n{escape(fix)}", soft_wrap=True, highlight=False)
    raise typer.Exit(1)


def _announce(url: str, games: list[str], storage: Storage) -> None:
    """What is served and kept; where to go, for eyes and for cameras."""
    _out.print(f"Serving [bold]{escape(', '.join(games))}[/]", highlight=False)
    _out.print(_kept(storage), soft_wrap=True, highlight=False)
    _out.print(f"Open   [bold]{escape(url)}/[/]", soft_wrap=True, highlight=False)
    _out.print("Ctrl-C stops it.")
    if _out.is_terminal:
        _out.print(qr_text(f"{url}/"), markup=False, highlight=False)


def _kept(storage: Storage) -> str:
    if storage.place is None:
        return "Rooms end with this server (--store memory:)"
    also = "\nAnother server uses it too: play each room through one of them only"
    return f"Kept   {escape(storage.place)}{also if storage.shared else ''}"


def _url(host: str, port: int) -> str:
    """The address that other machines on the same network can open, as far as we can tell."""
    address = _lan_address() if host in _ANYWHERE else host
    place = f"[{address}]" if ":" in address else address
    return f"http://{place}" if port == 80 else f"http://{place}:{port}"


def _lan_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_DOCUMENTATION_NET)
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
