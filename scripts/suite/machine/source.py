"""Where facts are read from: /proc and /sys below a root, which a test replaces by a folder of its own."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

UNKNOWN, ABSENT = "unknown", "absent"
LONGEST = 1 << 20  # no fact is longer, and a pipe in place of a file must not hold the run up for ever


@dataclass(frozen=True)
class Source:
    """The files of a machine. What cannot be read is absent, never an error: a container may hide any of them."""

    root: Path = Path("/")

    def text(self, path: str, default: str = ABSENT) -> str:
        """A file's content without the white space around it."""
        place = self.root / path.lstrip("/")
        try:
            if not place.is_file():
                return default
            with place.open(encoding="utf-8", errors="replace") as stream:
                return stream.read(LONGEST).strip() or default
        except (OSError, ValueError):
            return default

    def number(self, path: str) -> int | None:
        """A file that holds one whole number."""
        found = self.text(path, "")
        return int(found) if re.fullmatch(r"-?[0-9]{1,18}", found) else None

    def glob(self, pattern: str) -> list[str]:
        """The paths that match, below the root, in the order of the numbers in their names."""
        def order(path: Path) -> list[tuple[int, str]]:
            return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", str(path))]
        try:
            return [f"/{path.relative_to(self.root)}"
                    for path in sorted(self.root.glob(pattern.lstrip("/")), key=order)]
        except OSError:
            return []

    def field(self, path: str, name: str) -> str | None:
        """The value of `name: value` or `name value` in a file of such lines."""
        found = re.search(rf"^{name}\s*[:\s]\s*(.*)$", self.text(path, ""), re.MULTILINE)
        return found.group(1).strip() if found else None


def number(text: str | None) -> int | None:
    """The whole number a text starts with, as in `123 kB`."""
    found = re.match(r"\d{1,18}", text or "")
    return int(found.group()) if found else None


def run(*command: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str | None:
    """What a command prints; None when it cannot be run or fails."""
    try:
        done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, errors="replace", timeout=10,
                              stdin=subprocess.DEVNULL, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
