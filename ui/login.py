"""The owner's login: one password, kept as a salted hash; signed cookies that expire; few guesses.

The hash is argon2id (RFC 9106; Biryukov, Dinu and Khovratovich, 2016) with that RFC's second
recommended parameters: 64 MiB and a random salt, so that a stolen hash is dear to guess from. It is
made and compared by argon2-cffi. The cookie is signed with a key that lives as long as the process
and depends on the hash: a restart and a new password end every session.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type
from itsdangerous import BadSignature, TimestampSigner

from assistant.errors import SettingsError
from assistant.settings import Settings

FILE = "owner.password"
SHORTEST = 10  # characters of a password
LONGEST = 1024
SESSION_SECONDS = 8 * 3600
WINDOW = 15 * 60.0
PER_ADDRESS = 5  # failed attempts of one address in a window
IN_ALL = 100  # failed attempts of all addresses in a window

Clock = Callable[[], float]


def hash_password(password: str) -> str:
    """The encoded hash of a password, with its parameters and its own random salt.

    SettingsError for one that is shorter than :data:`SHORTEST` characters, or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise SettingsError(
            f"the password must have {SHORTEST} to {LONGEST} characters, got {len(password)}"
        )
    return PasswordHasher().hash(password)


def keep_hash(home: Path, encoded: str) -> Path:
    """Write the hash where the server of this workspace finds it, readable by this user alone."""
    path, part = home / FILE, home / f"{FILE}.part"
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(encoded + "\n")
    part.replace(path)
    return path


def kept_hash(home: Path, settings: Settings) -> str | None:
    """The hash in force: the setting, else the file of the workspace; None where there is neither.

    SettingsError for one that is no argon2id hash: a page that silently opens to nobody, or to
    everybody, would be worse.
    """
    if settings.owner_password_hash is not None:
        return _checked(
            settings.owner_password_hash.get_secret_value(), "PALATE_OWNER_PASSWORD_HASH"
        )
    path = home / FILE
    try:
        return _checked(path.read_text(encoding="utf-8").strip(), str(path))
    except FileNotFoundError:
        return None


def _checked(encoded: str, origin: str) -> str:
    try:
        good = extract_parameters(encoded).type is Type.ID
    except InvalidHashError:
        good = False
    if not good:
        raise SettingsError(f"{origin} is no argon2id hash; make one with: palate owner password")
    return encoded


class TooManyGuesses(Exception):
    """No password is compared for now. ``seconds`` is how long, at least 1."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many wrong passwords; try again in {seconds:.0f} seconds")
        self.seconds = max(1, round(seconds))


class Guesses:
    """How many wrong passwords came lately, by address and in all. Safe to share."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failed: list[tuple[float, str]] = []

    def begin(self, address: str) -> None:
        """An attempt begins; it counts as failed until :meth:`forgive` says otherwise, so that many
        at once are no more than the limit. TooManyGuesses when none is left."""
        with self._lock:
            now = self._clock()
            self._failed = [f for f in self._failed if f[0] > now - WINDOW]
            own = [at for at, who in self._failed if who == address]
            every = [at for at, _ in self._failed]
            for times, most in ((own, PER_ADDRESS), (every, IN_ALL)):
                if len(times) >= most:
                    raise TooManyGuesses(times[-most] + WINDOW - now)
            self._failed.append((now, address))

    def forgive(self, address: str) -> None:
        """The password was right: what this address tried before no longer counts."""
        with self._lock:
            self._failed = [f for f in self._failed if f[1] != address]


class Login:
    """Passwords in, cookies out. ``find`` gives the hash in force, None without a password.

    Safe to share between threads. One password is compared at a time: a hash takes 64 MiB.
    """

    def __init__(
        self,
        find: Callable[[], str | None],
        *,
        clock: Clock = time.monotonic,
        wall: Clock = time.time,
    ) -> None:
        self._find = find
        self._secret = secrets.token_bytes(32)
        self._hasher = PasswordHasher()
        self._comparing = threading.Lock()
        self._ended_lock = threading.Lock()
        self._ended: dict[str, float] = {}
        self._wall = wall
        self._guesses = Guesses(clock)

    def exists(self) -> bool:
        """Whether there is a password, and so a page."""
        return self._find() is not None

    def enter(self, address: str, password: str) -> str | None:
        """A cookie for the right password, None for a wrong one.

        TooManyGuesses, whatever the password is, after too many wrong ones.
        """
        encoded = self._find()
        if encoded is None:
            return None
        self._guesses.begin(address)
        with self._comparing:
            try:
                self._hasher.verify(encoded, password[: LONGEST + 1])
            except (VerificationError, InvalidHashError):
                return None
        self._guesses.forgive(address)
        return self._signer(encoded).sign(secrets.token_urlsafe(16)).decode()

    def known(self, cookie: str | None) -> bool:
        """Whether the cookie is one that was given out, and neither old nor ended."""
        return self._session(cookie) is not None

    def leave(self, cookie: str | None) -> None:
        """End the cookie's session; a copy of the cookie is worth nothing from now on."""
        session = self._session(cookie)
        if session is not None:
            now = self._wall()
            with self._ended_lock:
                self._ended = {s: at for s, at in self._ended.items() if at > now}
                self._ended[session] = now + SESSION_SECONDS + 1

    def _session(self, cookie: str | None) -> str | None:
        encoded = self._find()
        if encoded is None or not cookie:
            return None
        try:
            session = self._signer(encoded).unsign(cookie, max_age=SESSION_SECONDS).decode()
        except BadSignature:  # tampered with, of another process or password, or too old
            return None
        with self._ended_lock:
            return None if session in self._ended else session

    def _signer(self, encoded: str) -> TimestampSigner:
        return _Signer(self._wall, self._secret, salt=encoded)


class _Signer(TimestampSigner):
    """A signer on a clock that can be given, compared in constant time by itsdangerous."""

    def __init__(self, wall: Clock, secret: bytes, salt: str) -> None:
        super().__init__(secret, salt=salt.encode(), digest_method=hashlib.sha256)
        self._wall = wall

    def get_timestamp(self) -> int:
        return int(self._wall())
