"""Parquet tables, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retrieval.datasets.source import Counting, Row
from retrieval.errors import UnreadableFile

_BATCH = 1024


@dataclass(frozen=True, slots=True)
class Parquet:
    """A Parquet file; see :func:`open_parquet`. Lines are row numbers, from 1."""

    path: Path
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def rows(self, counting: Counting) -> Iterator[Row]:
        """The rows in order, nested columns as dicts and lists."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        record = 0
        try:
            with pq.ParquetFile(self.path) as file:
                total = file.metadata.num_rows
                for batch in file.iter_batches(batch_size=_BATCH):
                    for values in batch.to_pylist(maps_as_pydicts="lossy"):
                        record += 1
                        yield Row(record, record, values)
                    counting(record, total)
        except (pa.ArrowException, OSError, ValueError) as e:
            raise UnreadableFile(f"{self.name} breaks off after row {record}: {_line(e)}") from e


def open_parquet(path: Path) -> Parquet:
    """A Parquet file with its column names. UnreadableFile when its footer is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            return Parquet(path, tuple(file.schema_arrow.names))
    except (pa.ArrowException, OSError, ValueError) as e:
        raise UnreadableFile(f"{path.name} is not a whole Parquet file: {_line(e)}") from e


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
