"""Includes go one way: in the library by the layers that its README names, and between the contenders' catalogs not at all."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include "((?:pools|benchmarks|allocators)/[^"]+)"', re.MULTILINE)
REST = "every other header"


def layers() -> list[list[str]]:
    rows = re.findall(r"^\| (?!layer|---)[^|]+\| ([^|]+)\|", (ROOT / "pools/README.md").read_text(), re.MULTILINE)
    return [re.findall(r"`([^`]+)`", row) + ([REST] if REST in row else []) for row in rows]


def layer_of(header: str, known: list[list[str]]) -> int:
    name = header.removeprefix("pools/")
    for number, places in enumerate(known):
        if any(name == place or place.endswith("/") and name.startswith(place) for place in places):
            return number
    assert "/" not in name, f"pools/README.md names no layer for {header}"
    return next(number for number, places in enumerate(known) if REST in places)


def test_the_library_includes_only_layers_below():
    known = layers()
    assert len(known) == 6
    headers = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "pools").rglob("*.hpp"))
    assert len(headers) <= 90
    upward = [f"{header} -> {included}" for header in headers for included in INCLUDE.findall((ROOT / header).read_text())
              if not included.startswith("pools/") or layer_of(included, known) > layer_of(header, known)]
    assert upward == []


def test_nothing_includes_two_catalogs_of_contenders():
    files = [path for folder in ("benchmarks", "tests") for path in (ROOT / folder).rglob("*.?pp")]
    both = [path for path in files if len({name for name in INCLUDE.findall(path.read_text()) if name.endswith("/catalog.hpp")
                                           and name.startswith("benchmarks/contenders/")}) > 1]
    assert both == []
