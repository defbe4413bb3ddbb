"""The errors of the retrieval package.

::

    RetrievalError
    ├── InputError            the person's input is wrong; the message names it and the remedy
    │   ├── UnreadableFile    a file is not what it claims to be
    │   ├── SchemaError       a schema cannot be inferred, or its override is wrong
    │   ├── RulesError        a file of rules or of lists is not in its format
    │   ├── ExpressionError   a condition on items cannot be read; names the column
    │   └── UnknownItem       an id that the workspace does not hold
    ├── WorkspaceError        the workspace itself
    │   ├── WorkspaceMissing  nothing has been ingested there
    │   └── WorkspaceBusy     another process owns the writer
    ├── StorageFull           the disk takes nothing more; reading goes on
    ├── TurnConflict          a turn or a session that somebody else wrote first
    ├── DeliveryConflict      another delivery has that idempotency key
    ├── Stopped               work was given up because whoever follows it asked for that
    ├── StoreError            the vector store refused or lost something
    └── EncoderError          the embedding model cannot be loaded or used
"""

from __future__ import annotations


class RetrievalError(Exception):
    """Root of everything this package raises on purpose."""


class InputError(RetrievalError):
    """The person's input is wrong. The message names the thing and the remedy."""


class UnreadableFile(InputError):
    """A file is missing, empty, or not in the format its name or content claims."""


class SchemaError(InputError):
    """No usable schema: no id or title was found, or the override names an unknown field."""


class RulesError(InputError):
    """A file of business rules or of named lists is wrong; names the rule and the remedy."""


class ExpressionError(InputError):
    """A condition on items cannot be read. ``column`` is where, counted from 1."""

    def __init__(self, column: int, problem: str) -> None:
        super().__init__(f"column {column}: {problem}")
        self.column = column


class UnknownItem(InputError):
    """An item id that the workspace does not hold."""


class WorkspaceError(RetrievalError):
    """The workspace cannot be used as asked."""


class WorkspaceMissing(WorkspaceError):
    """There is no workspace at that path, or nothing has been ingested into it."""


class WorkspaceBusy(WorkspaceError):
    """Another process owns the workspace's writer; the message gives its pid and command."""


class StorageFull(RetrievalError):
    """The disk takes nothing more. Nothing of what was to be written is kept, all before it is."""


class TurnConflict(RetrievalError):
    """A turn with that number is there already, or the session belongs to another visitor."""


class DeliveryConflict(RetrievalError):
    """An idempotency key was used before, for a delivery with another content."""


class Stopped(RetrievalError):
    """Work was given up because whoever follows it asked for that; nothing has changed."""


class StoreError(RetrievalError):
    """The vector store refused an operation or does not hold what its manifest says."""


class EncoderError(RetrievalError):
    """The embedding model is not installed, cannot be loaded, or gives the wrong dimensions."""
