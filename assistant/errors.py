"""The errors of the assistant package.

::

    AssistantError
    ├── ModelError              the language model did not give a usable answer
    │   ├── ModelUnavailable    no connection, a timeout, 5xx, or retries used up
    │   │   └── CircuitOpen     not asked: it failed too often a moment ago
    │   ├── ModelRefused        401, 403, 404, or any 4xx that a retry cannot mend
    │   ├── ModelOverloaded     429; carries the seconds to wait where the server gave them
    │   ├── DeadlineExceeded    the time given to the call is over
    │   ├── BudgetExceeded      the prompt does not fit the tokens given to it
    │   └── BadAnswer           an answer came, but not in the declared shape
    ├── RecordingMissing        a replay has no answer for this request
    ├── ErasureFailed           what was to be erased may still be on the disk
    ├── SessionError            a session id is malformed, foreign or in use
    └── SettingsError           a setting is unknown or out of range
"""

from __future__ import annotations


class AssistantError(Exception):
    """Root of everything this package raises on purpose."""


class ModelError(AssistantError):
    """The language model did not give a usable answer. Messages never hold prompt or key."""


class ModelUnavailable(ModelError):
    """No connection, a timeout, a server error, or the retries are used up."""


class CircuitOpen(ModelUnavailable):
    """The model was not asked, because it failed too often in a row a moment ago."""


class ModelRefused(ModelError):
    """The server refused in a way a retry cannot mend: authentication, permission, bad request."""


class ModelOverloaded(ModelError):
    """The server asks to wait. ``retry_after`` is in seconds, or None where it did not say."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeadlineExceeded(ModelError):
    """The time given to the call is over."""


class BudgetExceeded(ModelError):
    """The prompt does not fit the number of tokens given to it."""


class BadAnswer(ModelError):
    """An answer came, but not in the declared shape, and one repair did not help."""


class RecordingMissing(AssistantError):
    """A replayed model has no recorded answer for this request; record it again."""


class ErasureFailed(AssistantError):
    """What was to be erased is out of reach but its bytes may still be on the disk; erase again."""


class SessionError(AssistantError):
    """A session id is malformed, belongs to another visitor, or a turn on it is still running."""


class SettingsError(AssistantError):
    """A setting is unknown, malformed or out of range; the message names it and the remedy."""
