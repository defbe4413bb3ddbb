"""The tables of a workspace's database, as SQLAlchemy Core sees them.

They are made by :mod:`retrieval.storage.migrations`; this is what the rest of the folder queries.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

items = Table(
    "items",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),  # JSON: text, fields, image
    Column("available", Boolean, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of everything the catalogue says
    Column("mean_rating", Float),
    Column("n_ratings", Integer, nullable=False),
    Column("n_events", Integer, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("user", String, nullable=False),
    Column("item", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("value", Float),
    Column("time", Float),  # Unix seconds
)

sessions = Table(
    "sessions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("visitor", String, nullable=False),
    Column("created", Float, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("session", String, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("payload", Text, nullable=False),
    Column("created", Float, nullable=False),
)

memories = Table(
    "memories",
    metadata,
    Column("visitor", String, primary_key=True),
    Column("version", Integer, nullable=False),  # counts the writes, so that none is lost
    Column("payload", Text, nullable=False),
    Column("written", Float, nullable=False),
)

erasures = Table(
    "erasures",
    metadata,
    Column("person", String, primary_key=True),
    Column("begun", Float, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),  # SHA-256 of the token
    Column("name", Text, nullable=False),
    Column("reach", String, nullable=False),
    Column("space", String, nullable=False),
    Column("visitor", String),
    Column("created", Float, nullable=False),
    Column("revoked", Float),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("space", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("digest", LargeBinary, nullable=False),  # keyed, of what was sent
    Column("answer", Text, nullable=False),  # counts and positions; names nobody
    Column("at", Float, nullable=False),
)

changes = Table(
    "changes",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("item", String, nullable=False, unique=True),
    Column("title", Text),  # and what follows: none where the item is to be retired
    Column("body", Text),
    Column("available", Boolean),
    Column("digest", LargeBinary),
)

versions = Table(
    "versions",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("generation", Integer, nullable=False),  # of the content it was built from
    Column("signature", String, nullable=False),  # of the way it was built
    Column("created", Float, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)
