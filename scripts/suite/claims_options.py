"""The options of `poolmark claims`, apart from what reads them: a mistyped word must not load what draws charts."""

import argparse
from pathlib import Path


def arguments(claims: argparse.ArgumentParser) -> None:
    """The options of the command."""
    claims.add_argument("results", type=Path, nargs="*", metavar="RESULTS.json",
                        help="runs of the C++ side (default: all, newest first)")
    claims.add_argument("--python", action="append", default=[], metavar="PATH", help="measure this interpreter too")
    claims.add_argument("--measured", type=Path, metavar="FILE",
                        help="take what CPython answered from this file, measure nothing")
    claims.add_argument("--seeds", type=int, choices=range(1, 33), default=5, metavar="N",
                        help="hash seeds for each interpreter (default: 5)")
    claims.add_argument("--objects", type=int, default=1_000_000, metavar="N",
                        help="objects for each footprint (default: 1000000)")
    claims.add_argument("--out", type=Path, metavar="DIR", help="where the pages go (default: docs)")
