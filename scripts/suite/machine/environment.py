"""On what machine the run was made, read from /proc and /sys. A fact that cannot be had is "unknown" or "absent".

No fact names a person, a host or a folder of theirs: results are made to be shown.

Which program was measured: the binary by its hash, the checkout by its commit and what differs from it.
"""

import hashlib
import os
import platform
import re
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from suite.base import redaction
from suite.machine import hardware, system
from suite.machine.source import UNKNOWN, Source, run
from suite.plan import sources

__all__ = ["commit", "describe", "variables"]

HEAP_VARIABLES = re.compile(r"^(GLIBC_TUNABLES$|MALLOC_|_RJEM_|JE_MALLOC|MIMALLOC_|TCMALLOC_|TBB_MALLOC"
                            r"|SCUDO_OPTIONS$)")
OURS = ("--", ".", ":(exclude)reports/runs")  # a run writes its own reports there


def variables(inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Those that tune a heap and are set. The reader's own preload is not passed on, so it is none."""
    return {name: redaction.clean(value) for name, value in sorted(inherited.items()) if HEAP_VARIABLES.match(name)}


def _libc() -> str:
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or UNKNOWN
    except (ValueError, OSError):
        return UNKNOWN


def _load() -> float | None:
    try:
        return round(os.getloadavg()[0], 2)
    except OSError:
        return None


def describe(build: Mapping[str, Any], inherited: Mapping[str, str] = os.environ, bench: Path | None = None,
             root: Path | None = None, source: Source = Source()) -> dict[str, Any]:
    """The `environment` of results.json. What differs between CPUs is told of one that is timed on."""
    allowed = os.sched_getaffinity(0)
    found: dict[str, Any] = {
        "cpu": hardware.model(source), "cpus": len(allowed), "kernel": platform.release() or UNKNOWN,
        "compiler": str(build.get("compiler", UNKNOWN)), "flags": str(build.get("flags", UNKNOWN)), "libc": _libc(),
        "virtualization": system.kind(source), "thp": hardware.huge_pages(source),
        "aslr": system.randomization(source), "governor": hardware.governor(source, min(allowed)), "caches": hardware.caches(source, min(allowed)),
        "memory_bytes": hardware.total_bytes(source), "load_before": _load(),
        "google_benchmark": str(build.get("google_benchmark", UNKNOWN)), "build": dict(build),
        "variables": variables(inherited),
        "processor": hardware.describe_cpu(source, allowed), "mitigations": hardware.mitigations(source),
        "memory": hardware.describe_memory(source), "settings": system.describe_kernel(source),
        "host": system.describe_host(source), "clock": hardware.describe_clock(source), "counters": system.counters(source),
    }
    if bench:
        found["binary"] = binary(bench)
    if root:
        found |= {"checkout": checkout(root), "pools": sources.pools_hash(root)}
    return found


def _git(root: Path, *words: str) -> str | None:
    """What git says of the folder, whatever repository the reader's variables name, as they do in a hook, and whatever the
    reader's settings hide."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return run("git", "-c", "status.showUntrackedFiles=all", "-c", "core.quotePath=false", *words, cwd=root, env=clean)


def commit(root: Path) -> tuple[str, bool]:
    """The commit of the checkout and whether files differ from it. Reports do not count: a run writes its own there."""
    top = _git(root, "rev-parse", "--show-toplevel")
    if not top or Path(top).resolve() != root.resolve():
        return UNKNOWN, True  # a copy without .git inside somebody else's repository has none of its own
    head = _git(root, "rev-parse", "--verify", "HEAD")
    changes = _git(root, "status", "--porcelain", *OURS)
    return head or UNKNOWN, changes is None or bool(changes)


def checkout(root: Path) -> dict[str, Any]:
    """The commit, and a hash of what differs: two dirty runs can still be told to be of the same files."""
    head, dirty = commit(root)
    difference = _git(root, "diff", "--no-color", "--no-ext-diff", "HEAD", *OURS) if dirty else None
    new = _git(root, "ls-files", "--others", "--exclude-standard", *OURS) if dirty else None
    digest = hashlib.sha256((difference or "").encode("utf-8", "surrogateescape"))
    for name in (new or "").splitlines():
        digest.update(f"\0{name}\0{_sha256(root / name)}".encode("utf-8", "surrogateescape"))
    return {"commit": head, "dirty": dirty, "difference_sha256": digest.hexdigest() if dirty and difference is not None
            else ""}


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def build_id(data: bytes) -> str:
    """The GNU build id of a 64-bit little-endian ELF file: what a debugger finds its symbols by."""
    try:
        if data[:6] != b"\x7fELF\x02\x01":
            return ""
        table, size, count = (*struct.unpack_from("<Q", data, 32), *struct.unpack_from("<HH", data, 54))
        for header in range(table, table + size * count, size):
            kind, _, offset, _, _, length = struct.unpack_from("<IIQQQQ", data, header)
            if kind == 4 and (found := _note(data[offset:offset + length])):  # PT_NOTE
                return found
    except struct.error:
        pass
    return ""


def _note(data: bytes) -> str:
    place = 0
    while place + 12 <= len(data):
        name, length, kind = struct.unpack_from("<III", data, place)
        start = place + 12 + (name + 3) // 4 * 4
        if kind == 3 and data[place + 12:place + 12 + name] == b"GNU\0":  # NT_GNU_BUILD_ID
            return data[start:start + length].hex()
        place = start + (length + 3) // 4 * 4
    return ""


def binary(bench: Path) -> dict[str, str]:
    """The hash and the build id of the program."""
    try:
        data = bench.read_bytes()
    except OSError:
        return {"sha256": "", "build_id": ""}
    return {"sha256": hashlib.sha256(data).hexdigest(), "build_id": build_id(data)}
