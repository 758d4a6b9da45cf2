"""The hash of the sources that a binary is built from, as cmake/source_hash.cmake takes it when it builds one."""

import hashlib
from pathlib import Path

FOLDERS = ("allocators", "pools", "benchmarks/contenders", "benchmarks/harness", "benchmarks/workloads")
ENDINGS = (".c", ".cpp", ".h", ".hpp")
DIGITS = 16


def tree_hash(root: Path) -> str:
    """Of a checkout, as its files are now."""
    files = (path for folder in FOLDERS for path in (root / folder).rglob("*") if path.suffix in ENDINGS and path.is_file())
    names = sorted(path.relative_to(root).as_posix() for path in files)
    lines = "".join(f"{name} {hashlib.sha256((root / name).read_bytes()).hexdigest()}\n" for name in names)
    return hashlib.sha256(lines.encode()).hexdigest()[:DIGITS]
