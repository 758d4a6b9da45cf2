"""A stand-in for poolmark-bench that speaks the protocol and fails in a named way, for tests of the driver.

The strategy's name is its behaviour: `crash_at_epoch`, `hang_at_ready`, ... Times are made up, so verdicts are certain. So are
witnesses: a core of its own, but for `crowded` a shared one in every round and for `visited` in every second one. FAKE_WITNESS
makes it `shared` for all, or `none`: as before there were witnesses.
"""

import json
import os
import signal
import sys
import time

PROTOCOL_NS = {"fresh_heap": 100.0, "slab_pool": 50.0, "slow_pool": 200.0, "empty_loop": 1.0, "nothing": 1.05,
               "rare_pool": 70.0, "planted_none": 100.0, "planted_equal": 100.0, "planted_2_percent": 102.0,
               "planted_5_percent": 105.0, "planted_20_percent": 120.0}
STRATEGIES = [*PROTOCOL_NS, "crash_at_ready", "crash_at_epoch", "crash_at_quit", "hang_at_ready", "hang_at_epoch",
              "garbage", "wrong_count", "chatter", "not_finite", "refuse", "exit_3", "other_digest", "disturbed",
              "half_line", "crash_in_memory", "preempted", "takes_turns", "crash_in_latency", "tells", "tells_other",
              "crowded", "visited"]
QUIET_NS, SHARED_NS, CHAIN_NS = 0.4, 0.66, 0.57


def describe() -> dict:
    """A small catalog with one workload that goes well and three that do not."""
    points = [{"parameters": {"live": live, "hot": True}, "preset": preset, "every_allocator_from": every,
               "memory": memory, "latency": memory, "except": [{"strategy": "garbage", "reason": "too slow here"}]} for live, preset, every, memory in
              ((10, "quick", "quick", True), (100, "quick", "full", False), (1000, "full", "full", False))]

    def workload(name: str, strategies: list[str]) -> dict:
        return {"name": name, "question": f"what does {name} cost?", "operation": "one", "models": "", "favours": "",
                "ignores": "", "points": points, "strategies": [
                    {"name": strategy, "role": "limit" if strategy == "empty_loop" else "contender",
                     "allocators": "every" if strategy == "fresh_heap" else "baseline",
                     "preset": "wide" if strategy == "rare_pool" else "quick"} for strategy in strategies]}
    return {"protocol": 1, "build": {"type": "bench", "sanitizers": "", "compiler": "GNU", "flags": "-O2",
                                     "google_benchmark": "1.7.1"},
            "allocators": [
                {"name": "glibc", "summary": "", "library": "/lib/libc.so.6", "available": True, "reason": "",
                 "package": "libc6"},
                {"name": "other", "summary": "", "library": "", "available": True, "reason": "", "package": ""},
                {"name": "absent", "summary": "", "library": "", "available": False,
                 "reason": "not installed: apt install absent", "package": "absent"}],
            "strategies": [{"name": name, "family": "fresh", "summary": "", "available": name != "half_line",
                            "reason": "not built" if name == "half_line" else ""} for name in STRATEGIES],
            "workloads": [workload("controls", [name for name in PROTOCOL_NS if name.startswith("planted")])
                          | {"points": [points[0] | {"parameters": {"kind": "dependent_chain"}, "memory": False}]},
                          workload("good", ["fresh_heap", "slab_pool", "slow_pool", "empty_loop", "half_line"]),
                          workload("bad", ["fresh_heap", "slab_pool", "crash_at_epoch", "other_digest", "garbage"]),
                          workload("lost", ["crash_at_epoch", "slab_pool"]),
                          workload("stuck", ["fresh_heap", "hang_at_epoch"]),
                          workload("tiers", ["fresh_heap", "slab_pool", "rare_pool", "empty_loop"])]}


def say(**event: object) -> None:
    """One JSON line."""
    print(json.dumps(event), flush=True)


def crash() -> None:
    """Dies the way an overrun dies, with something on standard error."""
    for number in range(8):
        print(f"line {number} of the last words", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGSEGV)


def witness(strategy: str, epoch: int) -> dict:
    """What its witnesses read before and after an epoch."""
    asked = os.environ.get("FAKE_WITNESS", "")
    if asked == "none":
        return {}
    shared = asked == "shared" or strategy == "crowded" or strategy == "visited" and epoch % 2
    return {"witness": {"core": [QUIET_NS, SHARED_NS if shared else QUIET_NS], "chain": [CHAIN_NS, CHAIN_NS]},
            "witness_ns": 1000}


def contend(strategy: str) -> None:
    """One contender."""
    if strategy == "crash_at_ready":
        crash()
    if strategy == "hang_at_ready":
        time.sleep(600)
    if strategy == "refuse":
        print("unknown strategy 'refuse'; try another", file=sys.stderr)
        sys.exit(2)
    if strategy == "exit_3":
        sys.exit(3)
    if strategy == "garbage":
        print("Running ./poolmark-bench", flush=True)
    if strategy == "half_line":
        print('{"event": "rea', end="", flush=True)
        time.sleep(600)
    # seven instructions an operation, fifty an epoch, where the flag asks for them
    counter = {"instructions": os.environ.get("FAKE_NO_COUNTER", "")} if "--instructions" in sys.argv else {}
    facts = {"facts": {"hit_ratio": 0.25 if strategy == "tells" else os.getpid()}} if "tells" in strategy else {}
    waits = strategy in ("preempted", "takes_turns")
    digest = "f" * 16 if strategy == "other_digest" else "0" * 16
    say(event="ready", protocol=1, cell=strategy, digest=None if strategy == "empty_loop" else digest,
        operations_per_iteration=10, notes=[], **counter, **facts,
        allocator={"name": "glibc", "library": "/lib/libc.so.6", "version": "2.36",
                   "served_malloc_by": "/lib/libc.so.6"})
    for epoch, line in enumerate(sys.stdin):
        if line.strip() == "quit":
            break
        iterations = int(line.split()[1])
        if strategy == "crash_at_epoch":
            crash()
        if strategy == "hang_at_epoch":
            time.sleep(600)
        ns = float("inf") if strategy == "not_finite" else PROTOCOL_NS.get(strategy, 100.0) * 10 * iterations
        say(event="epoch", iterations=iterations + (strategy == "wrong_count"), real_ns=ns, cpu_ns=ns, cpu=0,
            migrations=int(strategy == "disturbed"), involuntary_switches=int(waits), run_delay_ns=ns if waits else 0,
            minor_faults=0, major_faults=0, takes_turns=strategy == "takes_turns", **witness(strategy, epoch),
            **({"instructions": 50 + 70 * iterations} if counter else {}))
        if strategy == "chatter":
            print("and another thing", flush=True)
    if strategy == "crash_at_quit":
        crash()
    say(event="done", peak_rss_bytes=4096)


def memory(strategy: str) -> None:
    """One memory process."""
    if strategy == "crash_in_memory":
        crash()
    say(event="released")
    say(event="memory", objects=1000, rss_bytes_per_object=40.5, requested_bytes_per_object=40.0, sizeof_bytes=40,
        payload_bytes=40, peak_rss_bytes=8192, allocator={}, usable_bytes_per_object=48.0, fragmentation=None,
        timeline=[[0.0, 0], [0.01, 40500], [0.02, -4096]], kept_bytes={"0": 4096, "0.1": -4096}, ended_bytes=None)


def latency(strategy: str) -> None:
    """One process that times single operations."""
    if strategy == "crash_in_latency":
        crash()
    part = {"samples": 1000, "maximum_ns": 900.0, "percentiles": {}, "histogram": [[20.0, 900], [50.0, 95], [910.0, 5]]}
    say(event="latency", operations=16000, period=16, clock="rdtscp", timer_ns=9.0, involuntary_switches=1,
        replace=part, acquire=part, release=part, grow=part, growth=[[0, 800.0], [512, 700.5]], allocator={})


def ceilings(_: str) -> None:
    """What the machine can do."""
    say(event="ceilings", ceilings=[{"name": name, "what": name, "ns": ns, "low": ns / 2, "high": ns * 2, "bytes": size}
                                    for name, ns, size in (("empty_loop", 0.3, None), ("l1_latency", 1.5, 16384),
                                                           ("page_fault", 500.0, 4096), ("dram_latency", 90.0, 1 << 28))])


def main(arguments: list[str]) -> None:
    """Says what was asked for."""
    if "--describe" in arguments:
        say(**describe())
        return
    options = dict(argument.partition("=")[::2] for argument in arguments)
    log = os.environ.get("FAKE_BENCH_LOG")
    if log:
        with open(log, "a", encoding="utf-8") as stream:
            stream.write(json.dumps({"arguments": arguments, "pid": os.getpid(),
                                     "padding": len(os.environ.get("POOLMARK_PADDING", "")),
                                     "preload": os.environ.get("LD_PRELOAD")}) + "\n")
    for kind, act in (("--contend", contend), ("--memory", memory), ("--latency", latency), ("--ceilings", ceilings)):
        if kind in options:
            act(options[kind].rpartition("/")[2])


if __name__ == "__main__":
    main(sys.argv[1:])
