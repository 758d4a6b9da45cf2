"""What the suite needs: `scripts/packages.txt`, read."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LIST = ROOT / "scripts/packages.txt"


@dataclass(frozen=True)
class Package:
    """A line of packages.txt: what is needed, by the best name that brings it, and other names for other systems."""

    name: str
    group: str
    required: bool
    why: str
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Best first."""
        return (self.name, *self.others)


def parse(text: str) -> tuple[Package, ...]:
    """The packages of a list: `package|package  group  required|optional  why` a line."""
    lines = (line.split(None, 3) for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return tuple(Package(names.split("|")[0], group, need == "required", why, tuple(names.split("|")[1:]))
                 for names, group, need, why in lines)
