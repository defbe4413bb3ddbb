"""The owner's password, its cookies and the limit on guesses."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr

from assistant.errors import SettingsError
from assistant.settings import Settings, load
from ui.cli import run
from ui.login import (
    IN_ALL,
    PER_ADDRESS,
    SESSION_SECONDS,
    WINDOW,
    Guesses,
    Login,
    TooManyGuesses,
    hash_password,
    keep_hash,
    kept_hash,
)

PASSWORD = "a fine old password"
HERE = "192.0.2.1"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def encoded() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def login(encoded: str, clock: Clock) -> Login:
    return Login(lambda: encoded, clock=clock, wall=clock)


def test_the_hash_is_argon2id_with_a_salt_of_its_own(encoded: str) -> None:
    assert encoded.startswith("$argon2id$")
    assert PASSWORD not in encoded
    assert hash_password(PASSWORD) != encoded


@pytest.mark.parametrize("password", ["", "short one", "x" * 1025])
def test_a_password_must_be_of_a_fit_length(password: str) -> None:
    with pytest.raises(SettingsError, match="10 to 1024 characters"):
        hash_password(password)


def test_the_right_password_opens_and_a_wrong_one_does_not(login: Login) -> None:
    assert login.enter(HERE, PASSWORD + " ") is None
    cookie = login.enter(HERE, PASSWORD)
    assert cookie is not None
    assert login.known(cookie)
    assert PASSWORD not in cookie


def test_a_cookie_that_was_tampered_with_is_none(login: Login, encoded: str) -> None:
    cookie = login.enter(HERE, PASSWORD)
    assert cookie is not None
    session, when, sign = cookie.split(".")
    other = "A" if session[0] != "A" else "B"
    for wrong in (
        f"{other}{session[1:]}.{when}.{sign}",
        f"{session}.{when}x.{sign}",
        f"{session}.{when}.{sign[:-2]}",
        f"{session}.{when}.",
        "",
        "x",
        None,
    ):
        assert not login.known(wrong)
    assert not Login(lambda: encoded).known(cookie)  # another process has another key


def test_a_cookie_expires(login: Login, clock: Clock) -> None:
    cookie = login.enter(HERE, PASSWORD)
    clock.now += SESSION_SECONDS
    assert login.known(cookie)
    clock.now += 1
    assert not login.known(cookie)


def test_whoever_leaves_is_out_with_every_copy_of_the_cookie(login: Login) -> None:
    mine, other = login.enter(HERE, PASSWORD), login.enter(HERE, PASSWORD)
    login.leave(mine)
    assert not login.known(mine)
    assert login.known(other)


def test_a_new_password_ends_every_session(encoded: str) -> None:
    held: list[str | None] = [encoded]
    login = Login(lambda: held[0])
    cookie = login.enter(HERE, PASSWORD)
    assert login.known(cookie)
    held[0] = hash_password("another fine password")
    assert not login.known(cookie)
    assert login.enter(HERE, PASSWORD) is None
    held[0] = None
    assert not login.exists()
    assert login.enter(HERE, PASSWORD) is None


def test_after_too_many_wrong_ones_the_right_one_waits_too(login: Login, clock: Clock) -> None:
    for _ in range(PER_ADDRESS):
        assert login.enter(HERE, "wrong password") is None
        clock.now += 10
    with pytest.raises(TooManyGuesses) as refusal:
        login.enter(HERE, PASSWORD)
    assert refusal.value.seconds == WINDOW - 10 * PER_ADDRESS
    assert login.enter("192.0.2.2", PASSWORD) is not None  # another address is another person
    clock.now += refusal.value.seconds
    assert login.enter(HERE, PASSWORD) is not None


def test_the_right_password_forgives_what_was_tried_before(login: Login) -> None:
    for _ in range(3):
        for _ in range(PER_ADDRESS - 1):
            assert login.enter(HERE, "wrong password") is None
        assert login.enter(HERE, PASSWORD) is not None


def test_many_addresses_together_are_limited_as_well(clock: Clock) -> None:
    guesses = Guesses(clock)
    for n in range(IN_ALL):
        guesses.begin(f"192.0.2.{n}")
    with pytest.raises(TooManyGuesses, match="try again in 900 seconds"):
        guesses.begin("198.51.100.1")
    clock.now += WINDOW
    guesses.begin("198.51.100.1")


def test_attempts_at_once_are_no_more_than_the_limit(clock: Clock) -> None:
    guesses, through = Guesses(clock), []
    start = threading.Barrier(20)

    def guess() -> None:
        start.wait(30)
        try:
            guesses.begin(HERE)
        except TooManyGuesses:
            return
        through.append(1)

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(through) == PER_ADDRESS


def test_the_command_keeps_a_hash_that_only_its_user_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert run(["owner", "password", "--home", str(tmp_path)]) == 0
    assert "/owner" in capsys.readouterr().out
    path = tmp_path / "owner.password"
    assert path.stat().st_mode & 0o777 == 0o600
    encoded = kept_hash(tmp_path, Settings())
    assert encoded is not None
    assert Login(lambda: encoded).enter(HERE, PASSWORD) is not None


def test_the_command_prints_a_hash_for_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert run(["owner", "password", "--print", "--home", str(tmp_path)]) == 0
    printed = capsys.readouterr().out.strip()
    assert list(tmp_path.iterdir()) == []
    settings = load({"PALATE_OWNER_PASSWORD_HASH": printed})
    assert printed not in repr(settings)
    assert kept_hash(tmp_path, settings) == printed


def test_the_command_refuses_what_is_too_short_and_where_there_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert run(["owner", "password", "--home", str(tmp_path)]) != 0
    assert "10 to 1024 characters, got 5" in capsys.readouterr().err
    assert run(["owner", "password", "--home", str(tmp_path / "none")]) == 2
    assert "palate ingest" in capsys.readouterr().err


def test_the_setting_goes_before_the_file_and_must_be_a_hash(tmp_path: Path, encoded: str) -> None:
    assert kept_hash(tmp_path, Settings()) is None
    keep_hash(tmp_path, hash_password("that of the file"))
    assert kept_hash(tmp_path, Settings(owner_password_hash=SecretStr(encoded))) == encoded
    for wrong in (PASSWORD, encoded.replace("argon2id", "argon2i"), ""):
        with pytest.raises(SettingsError, match="palate owner password"):
            kept_hash(tmp_path, Settings(owner_password_hash=SecretStr(wrong)))
    (tmp_path / "owner.password").write_text("letmein\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"owner\.password is no argon2id hash"):
        kept_hash(tmp_path, Settings())
