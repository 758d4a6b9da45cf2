#!/usr/bin/env python3
"""Asks one CPython what it caches, what it keeps and what that costs, and prints the answers as JSON.

    python3 measure.py                      everything, with five hash seeds: about a minute
    python3 measure.py --only facts         what it does, no times
    python3 measure.py --seeds 3 --objects 200000

Needs nothing but the standard library of any CPython from 3.6 on. Each hash seed is a process of its own, because where
a key lands in a table decides what a lookup costs; each footprint is one too, because memory that was once taken is
found free by the next. docs/claims.md is made from it.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import sysconfig

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

PARTS = ("facts", "times", "bytes")
SCHEMA = 1


def identity():
    """Which interpreter this is, and how it was built: optimisation by profile alone changes times by half."""
    # A build by profile that its configuration does not name, as a distribution's may be, is "not known".
    flags = sysconfig.get_config_var("CONFIG_ARGS") or ""
    return {"implementation": platform.python_implementation(), "version": platform.python_version(), "level": "python",
            "compiler": platform.python_compiler(), "lock": not sysconfig.get_config_var("Py_GIL_DISABLED"),
            "malloc": os.environ.get("PYTHONMALLOC", ""),
            "profiled": "--enable-optimizations" in flags or None}


def facts_of():
    """The facts, and what they should be."""
    import caching  # noqa: F401 (registering is what they are imported for)
    import classes  # noqa: F401
    import expected
    import lifetimes  # noqa: F401
    import probing
    import strings  # noqa: F401
    import values  # noqa: F401
    found, failed = probing.all_facts()
    return {"facts": found, "expected": expected.compare(found, sys.version_info), "failed": failed}


def times_of(rounds, seed):
    """The times of this process."""
    import rows  # noqa: F401
    import timing
    found, failed = timing.measure(rounds, seed=seed)
    return {"times": found, "failed": failed}


def bytes_of(name, count):
    """One footprint of this process."""
    import footprints
    return {"bytes": {name: round(footprints.footprint(name, count), 2)}}


def ask(part, seed, *more):
    """This script again, in a fresh process with a hash seed; a child that fails is an answer too."""
    environment = dict(os.environ, PYTHONHASHSEED=str(seed), PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run([sys.executable, os.path.abspath(__file__), "--part", part, *more], env=environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        why = last[0] if last else "exit code %d" % done.returncode
        return {"failed": {part + (" " + more[-1] if more else ""): why}}
    return json.loads(done.stdout.decode())


def spread(samples):
    """Median and ends over the processes, and the processes themselves in the order of their seeds."""
    return {"median": statistics.median(samples), "low": min(samples), "high": max(samples), "samples": samples}


def everything(only, seeds, rounds, objects):
    """The whole document."""
    answer = {"schema": SCHEMA, "python": identity(), "seeds": seeds, "objects": objects, "facts": {}, "expected": [],
              "times": {}, "bytes": {}, "failed": {}}
    if "facts" in only:
        answer.update(ask("facts", 1))
    failed = dict(answer["failed"])
    if "times" in only:
        runs = [ask("times", seed, "--rounds", str(rounds)) for seed in range(1, seeds + 1)]
        for run in runs:
            failed.update(run["failed"])
        runs = [run["times"] for run in runs if "times" in run]
        names = [name for name in (runs[0] if runs else ()) if all(name in run for run in runs)]
        answer["times"] = {name: spread([round(run[name], 3) for run in runs]) for name in sorted(names)}
    if "bytes" in only:
        import footprints
        for name in footprints.all_names():
            run = ask("bytes", 1, "--objects", str(objects), "--name", name)
            failed.update(run.get("failed", {}))
            answer["bytes"].update(run.get("bytes", {}))
    answer["failed"] = failed
    return answer


def main():
    parser = argparse.ArgumentParser(description="Asks this CPython what it caches and what that costs; prints JSON.")
    parser.add_argument("--only", action="append", choices=PARTS, default=[])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--objects", type=int, default=1000000)
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--name", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if platform.python_implementation() != "CPython":
        parser.error("this is %s; the claims are about CPython" % platform.python_implementation())
    if options.part == "facts":
        answer = facts_of()
    elif options.part == "times":
        answer = times_of(options.rounds, int(os.environ.get("PYTHONHASHSEED", "0")))
    elif options.part == "bytes":
        answer = bytes_of(options.name, options.objects)
    else:
        answer = everything(options.only or PARTS, max(1, options.seeds), max(1, options.rounds),
                            max(1, options.objects))
    print(json.dumps(answer, indent=None if options.part else 1, sort_keys=True))


if __name__ == "__main__":
    main()
