"""The command line, as a person or a service manager uses it."""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from machine_party import __version__, data_folder
from machine_party.cli import app, discover
from machine_party.server import Server, listen
from tests.cli.process import COMMAND, WIDE, made, played, refused, served


@pytest.mark.socket
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_well(sign: signal.Signals) -> None:
    with served() as (process, url):
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(sign)
        assert process.wait(10) == 0


@pytest.mark.socket
def test_serve_serves_every_game(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    with served("--secret-file", str(secret)) as (_, url):
        for game in ("trivia", "counter"):
            with urllib.request.urlopen(f"{url}/parties/{game}", timeout=10) as answer:
                assert answer.status == 200
    assert secret.stat().st_mode & 0o777 == 0o600


@pytest.mark.socket
def test_pages_of_other_origins_come_besides_our_own() -> None:
    with served("--origin", "https://quiz.example") as (_, url):
        port = url.rpartition(":")[2]
        statuses = {}
        for origin in (
            "https://quiz.example",
            url,
            f"http://localhost:{port}",
            "http://evil.example",
        ):
            headers = {"Content-Type": "application/json", "Origin": origin}
            request = urllib.request.Request(f"{url}/parties/counter", b"{}", headers)
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    statuses[origin] = answer.status
            except urllib.error.HTTPError as error:
                statuses[origin] = error.code
    assert list(statuses.values()) == [201, 201, 201, 403]


@pytest.mark.socket
def test_a_room_is_there_again_after_a_kill(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    with served(*data) as (process, url):
        there = made(f"{url}/parties/counter")
        room, token = there["url"].rpartition("/")[2], {"MACHINE_PARTY_TOKEN": there["token"]}
        assert "count = 2" in played(there["url"], "increment by=2\n", token).stdout
        process.kill()
        process.wait(10)
    with served(*data) as (process, url):
        done = played(f"{url}/parties/counter/{room}", "increment by=3\n", token)
        assert "count = 5" in done.stdout
        assert "mine = 5" in done.stdout


def test_a_game_keeps_its_own_data_beside_the_rooms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MACHINE_PARTY_DATA", str(tmp_path / "elsewhere"))
    monkeypatch.chdir(tmp_path)
    folders: list[Path] = []
    monkeypatch.setattr(Server, "run", lambda *_, **__: folders.append(data_folder()))
    for data in ((), ("--data", "here")):
        CliRunner().invoke(app, ["serve", "--port", "0", *data])
    assert folders == [tmp_path / "elsewhere", tmp_path / "here"]
    assert (tmp_path / "here" / "rooms.sqlite").is_file()


@pytest.mark.socket
def test_serve_says_where_rooms_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "rooms.sqlite"
    assert _said("--data", str(tmp_path)) == [f"Kept   {file}"]
    with served("--data", str(tmp_path)):
        also = "Another server uses it too: play each room through one of them only"
        assert _said("--data", str(tmp_path)) == [f"Kept   {file}", also]
    assert _said("--store", "memory:") == ["Rooms end with this server (--store memory:)"]


def _said(*options: str) -> list[str]:
    """What is announced between what is served and the address."""
    command = [*COMMAND, "serve", "--host", "127.0.0.1", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=WIDE) as process:
        assert process.stdout is not None
        lines = [line.rstrip() for line in iter(process.stdout.readline, "Ctrl-C stops it.\n")]
        process.kill()
    return lines[1:-1]


def test_a_store_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    told = refused("serve", "--port", "0", "--data", "/dev/null/data")
    assert "/dev/null/data: no folder can be made there" in told
    assert "--store memory:" in told
    told = refused("serve", "--port", "0", "--store", "postgresql://root@127.0.0.1:1/x")
    assert told.startswith("PostgreSQL cannot be reached")
    (tmp_path / "x.db").write_text("no database at all, but a text of some length")
    told = refused("serve", "--port", "0", "--store", f"sqlite:///{tmp_path}/x.db", code=2)
    assert "name another file" in told


@pytest.mark.socket
def test_play_plays_what_serve_serves() -> None:
    with served() as (_, url):
        room = made(f"{url}/parties/counter")
        done = played(room["url"], "increment by=2\n", {"MACHINE_PARTY_TOKEN": room["token"]})
        assert "increment: accepted" in done.stdout
        assert "count = 2" in done.stdout
        refused = played(f"{url}/parties/trivia/nowhere", "", {})
        assert refused.returncode == 1
        assert "there is no such room" in refused.stderr


def test_the_games_are_found_and_the_front_page_begins_with_trivia() -> None:
    assert [party.name for party in discover()] == ["trivia", "payment", "counter"]


@pytest.mark.parametrize(
    ("arguments", "fix"),
    [
        (("serve", "--port", "99999"), "less than or equal to 65535"),
        (("serve", "--port", "http"), "--port"),
        (("serve", "--log-level", "loud"), "'error', 'warning', 'info', 'debug'"),
        (("serve", "--prot", "1"), "--port"),
        (("serve", "--port", "0", "--store", "party.db"), "sqlite:///party.db (a file here)"),
        (("serve", "--port", "0", "--store", "mysql://a@b/c"), "postgresql://user@host/database"),
        (("serve", "--port", "0", "--secret-file", "/no/such/secret"), "'/no/such/secret'"),
        (("play", "nonsense"), "http://host:8000/parties/trivia/abc234"),
        (("play", "http://host:8000/"), "http://host:8000/parties/trivia/abc234"),
        (("play", "http:///parties/trivia/abc234"), "is not the address of a room"),
        (("play", "http://[::1/parties/trivia/abc234"), "is not the address of a room"),
        (
            ("types", "trivai"),
            "there is no party 'trivai' in 'games'; there is: trivia, payment, counter",
        ),
        (("types", "trivia", "--games", "no.such"), "there is no package 'no.such'"),
        (("types", "trivia", "--check"), "name it with --output"),
        (("types", "trivia", "--output", "/no/such/folder.d.ts"), "cannot write"),
        (("sevre",), "Did you mean 'serve'?"),
        (("serve", "--port", "0", "--origin", "quiz.example"), "https://quiz.example"),
        (("serve", "--port", "0", "--public-url", "quiz.example"), "http://host:port"),
    ],
)
def test_a_wrong_option_says_what_is_allowed(arguments: tuple[str, ...], fix: str) -> None:
    assert fix in refused(*arguments)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("words", [("types", "trivia"), ("--version",), ("--help",)])
def test_an_output_that_is_full_is_a_sentence(words: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=WIDE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "No space left on device.\nWhat was printed is not complete\n"


def test_whoever_has_read_enough_is_told_nothing() -> None:
    command = [*COMMAND, "types", "trivia"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=WIDE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(10) == 1


def test_types_writes_what_a_party_shows_and_takes(tmp_path: Path) -> None:
    file = tmp_path / "trivia.d.ts"
    printed = CliRunner().invoke(app, ["types", "trivia"])
    assert "\nexport interface Trivia {\n  value: TriviaValue\n" in printed.output
    assert CliRunner().invoke(app, ["types", "trivia", "--output", str(file)]).output == ""
    assert file.read_text("utf-8") == printed.output


def test_types_says_when_a_file_is_stale(tmp_path: Path) -> None:
    file = tmp_path / "trivia.d.ts"
    check = ("types", "trivia", "--check", "--output", str(file))
    assert "There is no" in refused(*check)
    CliRunner().invoke(app, ["types", "trivia", "--output", str(file)])
    assert CliRunner().invoke(app, check).exit_code == 0

    file.write_text(file.read_text("utf-8").replace("TriviaValue\n", "string\n", 1), "utf-8")

    told = refused(*check)
    assert "is stale, from line 6 on." in told
    assert "- value: string + value: TriviaValue" in told


def test_types_finds_a_game_in_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    game = Path(__file__).parents[2] / "games" / "counter" / "__init__.py"
    (tmp_path / "my_counter.py").write_text(game.read_text("utf-8"), "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    told = CliRunner().invoke(app, ["types", "counter", "--games", "my_counter"])
    assert "readonly count: number" in told.output


def test_a_secret_that_is_too_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("tiny")
    assert "at least 16" in refused("serve", "--port", "0", "--secret-file", str(path))


@pytest.mark.socket
def test_a_busy_port_says_so_and_names_the_fix() -> None:
    with listen("127.0.0.1", 0) as bound:
        bound.listen()
        port = bound.getsockname()[1]
        told = refused("serve", "--host", "127.0.0.1", "--port", str(port))
    assert f"Port {port} is in use" in told
    assert f"machine-party serve --port {port + 1}" in told


def test_an_address_of_another_machine_says_what_to_choose() -> None:
    told = refused("serve", "--host", "192.0.2.77", "--port", "0")
    assert "--host 0.0.0.0" in told


def test_a_package_without_games_is_named() -> None:
    with pytest.raises(Exception, match="no package 'nonsense_games'"):
        discover("nonsense_games")
    with pytest.raises(Exception, match="no module of 'wsgiref'"):
        discover("wsgiref")


def test_it_says_its_version() -> None:
    done = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"machine-party {__version__}"
