"""What is dear to make and asked for again, such as the eve of month 0, which many policies share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, Generic, TypeVar

from ovopsim.simulation import MonthZero

MOST_BYTES: Final = 2**29

Value = TypeVar("Value")


@dataclass
class _Entry(Generic[Value]):
    lock: Lock = field(default_factory=Lock)
    value: Value | None = None
    size: int = 0


class Kept(Generic[Value]):
    """Values by key: those asked for last, as far as they find room. Threads share it, and each value is made once.

    Parameters
    ----------
    size_of : callable
        Bytes of a value.
    most_bytes : int
        Room for all; the value made last is kept whatever its size.
    """

    def __init__(self, size_of: Callable[[Value], int], most_bytes: int = MOST_BYTES) -> None:
        self._size_of = size_of
        self._most_bytes = most_bytes
        self._entries: OrderedDict[Hashable, _Entry[Value]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made when it is not there; a failure to make it is the caller's alone."""
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
        with entry.lock:
            if entry.value is None:
                value = make()
                entry.value, entry.size = value, self._size_of(value)
                self._make_room(key, entry)
            return entry.value

    def __len__(self) -> int:
        return len(self._entries)

    def _make_room(self, key: Hashable, entry: _Entry[Value]) -> None:
        with self._lock:
            if self._entries.get(key) is not entry:  # already put out by another thread
                return
            self._bytes += entry.size
            while self._bytes > self._most_bytes and next(iter(self._entries)) != key:
                self._bytes -= self._entries.popitem(last=False)[1].size


def bytes_of(start: MonthZero) -> int:
    """Return the memory that a month-0 state takes."""
    return sum(array.nbytes for array in start.world)
