"""Values from outside, made safe before anybody compares, prints or draws them."""

from __future__ import annotations

import zlib
from typing import Any

LARGEST, SMALLEST = 1e18, 1e-9  # of a time in nanoseconds, a ratio, a size in bytes
LONGEST = 160  # letters of a name, 600 of a sentence: what is longer says no more to a reader


def clean(text: Any) -> str:
    """Text from outside without the control characters that XML cannot carry."""
    plain = str(text)
    return (plain if plain.isprintable() else
            "".join(letter if letter.isprintable() else " " for letter in plain)).strip()


def name(text: Any, most: int = LONGEST) -> str:
    """A clean text of bounded length; what was cut off still tells two texts apart."""
    plain = clean(text)
    if len(plain) <= most:
        return plain
    return f"{plain[:most - 10]}…~{zlib.crc32(plain.encode('utf-8', 'replace')):08x}"


def clean_whole(value: Any) -> Any:
    """The same for each string of a file, keys included: what is only printed must not carry them either."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key): clean_whole(entry) for key, entry in value.items()}
    return [clean_whole(entry) for entry in value] if isinstance(value, list) else value


def number(value: Any) -> float | None:
    """A number that something real can have, or None; no drawing survives the ends of what a float can hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= LARGEST:
        return None
    return float(value)


def numeric(value: Any) -> float | None:
    """A parameter as a number: `64`, or the text `64`."""
    if isinstance(value, str):
        try:
            return number(float(value))
        except ValueError:
            return None
    return number(value)
