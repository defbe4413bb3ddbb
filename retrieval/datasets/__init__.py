"""Readers: what a person has on disk, as rows."""
