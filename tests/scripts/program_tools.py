"""The preloads and the programs that the tests of `poolmark program` need, built once a session."""

import subprocess
from functools import cache

from driver import ROOT, once, shared
from suite.program.tools import Tools

PRELOADS = {"window": ["window.cpp"], "record": ["recorder.cpp", "recorded_process.cpp", "frame_rule.cpp", "frames.cpp", "record.cpp"], "route": ["route.cpp"]}
PRELOADED = ["-shared", "-fPIC", "-fno-builtin", "-fno-exceptions", "-fno-rtti", "-ftls-model=initial-exec", "-fvisibility=hidden", "-static-libstdc++",
             "-static-libgcc", "-Wl,--as-needed", "-Wl,--exclude-libs,ALL"]


def _compile(out, sources, *options):
    subprocess.run(["g++", "-std=c++20", "-O1", "-I", ROOT, "-o", out, *options, *sources], check=True)


def _make(folder):
    for name, sources in PRELOADS.items():
        _compile(folder / f"libpoolmark_{name}.so", [ROOT / "programs" / source for source in sources], *PRELOADED)
    _compile(folder / "poolmark-program", [*(ROOT / "programs" / f"{name}.cpp" for name in ("main", "launch", "packing", "words", "events", "sites", "site_table", "operations", "replay")),
                                           *(ROOT / "allocators" / f"{name}.cpp" for name in ("catalog", "proof"))])
    for name in ("traps", "handed"):
        _compile(folder / name, [ROOT / "tests/programs" / f"{name}.cpp"], "-g1")
    for name, debug in (("planted", "-g1"), ("planted-bare", "-g0")):
        _compile(folder / name, [ROOT / "tests/programs/planted.cpp"], "-O2", debug)
    _compile(folder / "frames", [ROOT / "tests/programs/frames.cpp", *(ROOT / "programs" / f"{name}.cpp" for name in ("frames", "frame_rule"))], "-O2")
    _compile(folder / "static", [ROOT / "tests/programs/traps.cpp"], "-static")


@cache
def tools():
    """As `tools.ensure` would give them."""
    return Tools(once(shared() / "programs", _make))
