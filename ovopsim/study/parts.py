"""A table of runs as a folder of Parquet files, each written once: `runs.parquet/part-000001.parquet` and so on.

Readers take the folder for one table, so all its files have the same columns. One that comes with a new column (a
lever of somebody's own, a path that an earlier sweep did not vary) has the earlier files written anew, with the column.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ovopsim.errors import InputError

TABLES: Final = ("runs", "monthly", "firms")
# what tells two rows of a table apart, and so what is there already
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "runs": ("run_id", "scenario", "base_digest"),
    "monthly": ("run_id",),
    "firms": ("run_id", "step"),
}
PREFIX: Final = "part-"
NAME: Final = re.compile(r"part-\d{6,}\.parquet")


def folder(out: Path, table: str) -> Path:
    """Return the folder of a table."""
    return out / f"{table}.parquet"


def parts(out: Path, table: str) -> list[Path]:
    """Return the files of a table, in the order in which they were written."""
    found = [path for path in folder(out, table).glob("*.parquet") if not path.name.startswith(".")]
    for path in found:
        if not NAME.fullmatch(path.name):
            raise InputError(f"{path}: is no file of this store, perhaps a copy; move it elsewhere.")
    return sorted(found)


def next_name(out: Path) -> str:
    """Return the name of the next files: one for each table, and of the same name."""
    numbers = [int(path.stem.removeprefix(PREFIX)) for table in TABLES for path in parts(out, table)]
    return f"{PREFIX}{max(numbers, default=0) + 1:06d}.parquet"


def schema_of(out: Path, table: str) -> pa.Schema | None:
    """Return the columns of a table; None when it has none yet."""
    known = parts(out, table)
    return pq.read_schema(known[0]) if known else None


def joined(old: pa.Schema | None, new: pa.Schema) -> pa.Schema:
    """Return the columns of both, the old ones first; one that both have keeps its kind, or is text where they differ.

    Examples
    --------
    >>> old, new = (
    ...     pa.schema([("a", pa.int64()), ("b", pa.int64())]),
    ...     pa.schema([("b", pa.string()), ("c", pa.string())]),
    ... )
    >>> [f"{field.name} {field.type}" for field in joined(old, new)]
    ['a int64', 'b string', 'c string']
    """
    if old is None:
        return new.remove_metadata()
    kinds = {field.name: field.type for field in old}
    for field in new:
        kind = kinds.setdefault(field.name, field.type)
        if not _same(kind, field.type):
            kinds[field.name] = field.type if pa.types.is_null(kind) else _wider(kind, field.type)
    return pa.schema(list(kinds.items()))


def _same(one: pa.DataType, other: pa.DataType) -> bool:
    return bool(one == other or (_is_text(one) and _is_text(other)) or pa.types.is_null(other))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind))


def _wider(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    return pa.float64() if _is_number(one) and _is_number(other) else pa.string()


def conformed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return a table with the columns of a schema; a lever that its runs do not know was delivered to nobody."""
    columns = []
    for field in schema:
        if field.name in table.column_names:
            columns.append(table.column(field.name).cast(field.type))
        elif field.name.startswith("delivered_"):
            columns.append(pa.array([0.0] * len(table), type=field.type))
        else:
            columns.append(pa.nulls(len(table), type=field.type))
    return pa.table(columns, schema=schema)


def arrow(frame: pd.DataFrame) -> pa.Table:
    """Return a data frame as what Parquet holds; texts that no run has are texts still."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    return pa.table({name: _plain(table.column(name).combine_chunks()) for name in table.column_names})


def _plain(column: pa.Array) -> pa.Array:
    """Return a column of the kind that Parquet gives back, so that files written before and after are alike."""
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices.cast(pa.int32()), column.dictionary.cast(pa.string()))
    if pa.types.is_timestamp(column.type):  # pandas 2 and 3 count in different units
        return column.cast(pa.timestamp("us"))
    # a column without any value is one of texts: numbers have their kind from the start
    return column.cast(pa.string()) if _is_text(column.type) or pa.types.is_null(column.type) else column


def write(table: pa.Table, path: Path) -> None:
    """Write one file, all of it on the disk before this returns.

    Raises
    ------
    OSError
        When it cannot be written; the name is then free.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [field.name for field in table.schema if not _is_number(field.type)]
    with path.open("wb") as file:
        # numbers that never repeat gain nothing from a dictionary and cost a third of the time
        pq.write_table(table, file, compression="zstd", compression_level=1, use_dictionary=texts)
        file.flush()
        os.fsync(file.fileno())


def columns(path: Path, names: Iterable[str]) -> list[list[Any]]:
    """Return some columns of one file as lists."""
    table = pq.read_table(path, columns=list(names))
    return [table.column(name).to_pylist() for name in names]


def keys_in(out: Path, table: str) -> set[tuple[object, ...]]:
    """Return what tells the rows of a stored table apart."""
    found: set[tuple[object, ...]] = set()
    for path in parts(out, table):
        found.update(zip(*columns(path, KEYS[table]), strict=True))
    return found


def without_known(frame: pd.DataFrame, table: str, known: set[tuple[object, ...]]) -> pd.DataFrame:
    """Return the rows of a table that a store has not got yet: equal runs have equal rows."""
    keys: Iterable[tuple[object, ...]] = zip(*(frame[key] for key in KEYS[table]), strict=True)
    return frame[[key not in known for key in keys]]


def orphans(out: Path) -> list[Path]:
    """Return files of months and firms whose runs were never written, as a killed command leaves them."""
    written = {path.name for path in parts(out, "runs")}
    return [path for table in TABLES for path in parts(out, table) if path.name not in written]
