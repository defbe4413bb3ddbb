"""Events that other programs deliver: each delivery once, however often it is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from retrieval.errors import DeliveryConflict
from retrieval.storage.database import Database
from retrieval.storage.events import insert_events
from retrieval.storage.tables import deliveries
from retrieval.types import Event

KEPT = 7 * 86_400.0
"""Seconds for which a delivery is remembered. Whoever sends again later delivers anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What was answered to a delivery, and whether it had been answered before."""

    answer: str
    again: bool = False


class Deliveries:
    """Events with the name under which they were sent. Needs no writer lock."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def take(
        self,
        space: str,
        name: str,
        digest: bytes,
        events: Sequence[Event],
        answer: Callable[[int], str],
    ) -> Delivered:
        """Add the events of a delivery in one transaction with its name.

        ``answer`` makes the answer from the number of new events. A delivery with that name in that
        space is answered as before and adds nothing; DeliveryConflict when ``digest`` says that it
        was another one.
        """
        at = time.time()
        with self._db.writing() as connection:
            connection.execute(delete(deliveries).where(deliveries.c.at < at - KEPT))
            held = connection.execute(
                select(deliveries.c.digest, deliveries.c.answer).where(
                    deliveries.c.space == space, deliveries.c.name == name
                )
            ).one_or_none()
            if held is not None:
                if held.digest != digest:
                    raise DeliveryConflict("this idempotency key was sent with another content")
                return Delivered(answer=held.answer, again=True)
            said = answer(insert_events(connection, events))
            row = {"space": space, "name": name, "digest": digest, "answer": said, "at": at}
            connection.execute(insert(deliveries).values(row))
        return Delivered(answer=said)
