"""Facts of machines that this one is not: each is read from a folder that stands in for / ."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from suite.base import build, redaction
from suite.machine import environment, hardware, kinds, run_counters, system
from suite.machine.source import Source
from suite.plan import sources

CPUINFO = """processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 106
model name\t: A CPU @ 2 GHz
stepping\t: 7
microcode\t: 0xd0003
flags\t\t: fpu constant_tsc rdtscp hypervisor
"""


def machine(root, **files):
    """A root with these files; `__` in a name is a slash."""
    for name, text in files.items():
        put(root, name.replace("__", "/"), text)
    return Source(root)


def put(root, path, text):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def test_a_machine_that_tells_nothing_has_every_fact_all_the_same(tmp_path):
    found = environment.describe({}, {}, bench=tmp_path / "none", root=tmp_path, source=Source(tmp_path))
    assert found["governor"] == "absent" and found["memory"]["available_bytes"] is None
    assert found["host"]["cpu_limit"] is None and found["binary"]["sha256"] == ""
    assert run_counters.between(run_counters.snapshot(Source(tmp_path)), run_counters.snapshot(Source(tmp_path)))["seconds"] >= 0


def test_the_facts_of_this_machine_hold_to_the_schema():
    import sample_results
    from suite.results import results_file
    sample = sample_results.build()
    sample["environment"] = environment.describe({}, {"MALLOC_CONF": "x"}, bench=Path(sys.executable), root=Path("."))
    sample["environment"]["during"] = run_counters.between(run_counters.snapshot(), run_counters.snapshot())
    assert results_file.violation(sample) == ""


def test_the_processor(tmp_path):
    source = machine(tmp_path, proc__cpuinfo=CPUINFO, sys__devices__system__cpu__online="0-3\n")
    for number in range(4):
        folder = f"sys/devices/system/cpu/cpu{number}/topology"
        put(tmp_path, f"{folder}/physical_package_id", "0")
        put(tmp_path, f"{folder}/core_id", str(number // 2))
    put(tmp_path, "sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0-1")
    put(tmp_path, "sys/devices/system/cpu/intel_pstate/no_turbo", "1")
    put(tmp_path, "sys/devices/system/cpu/vulnerabilities/meltdown", "Mitigation: PTI")
    found = hardware.describe_cpu(source)
    assert (found["model"], found["stepping"], found["microcode"]) == (106, 7, "0xd0003")
    assert (found["cores"], found["threads"], found["sockets"], found["smt"], found["turbo"]) == (2, 4, 1, "on", "off")
    assert hardware.mitigations(source) == {"meltdown": "Mitigation: PTI"} and hardware.model(source) == "A CPU @ 2 GHz"


HYBRID = {
    "intel": {"sys/devices/cpu_core/cpus": "2-3", "sys/devices/cpu_atom/cpus": "0-1"},
    "capacity": {f"sys/devices/system/cpu/cpu{n}/cpu_capacity": c for n, c in enumerate(("446", "446", "1024", "1000"))},
    "frequency": {f"sys/devices/system/cpu/cpu{n}/cpufreq/cpuinfo_max_freq": c
                  for n, c in enumerate(("3300000", "3300000", "5100000", "4900000"))}}


@pytest.mark.parametrize("way", HYBRID)
def test_on_a_hybrid_machine_the_facts_are_of_the_cpus_that_are_timed_on(tmp_path, way, monkeypatch):
    for path, text in HYBRID[way].items():
        put(tmp_path, path, text)
    for number, kilobytes in enumerate((32, 32, 48, 48)):
        folder = f"sys/devices/system/cpu/cpu{number}"
        put(tmp_path, f"{folder}/cache/index0/size", f"{kilobytes}K")
        put(tmp_path, f"{folder}/cache/index0/level", "1")
        put(tmp_path, f"{folder}/cpufreq/scaling_governor", f"governor{number}")
    source, kept = Source(tmp_path), []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: kept[-1] if kept else {0, 1, 2, 3})
    monkeypatch.setattr(os, "sched_setaffinity", lambda _, cpus: kept.append(set(cpus)))
    assert kinds.of(source, {0, 1, 2, 3}) == "mixed"
    assert "performance" in kinds.keep_to_one(source) and kept == [{2, 3}]
    found = environment.describe({}, {}, source=source)
    assert (found["cpus"], found["governor"], found["caches"][0]["bytes"]) == (2, "governor2", 48 << 10)
    assert found["processor"]["kind"] == "performance" and found["processor"]["allowed"] == [2, 3]
    kept.append({0, 1})  # as taskset leaves it
    assert kinds.keep_to_one(source) == "" and environment.describe({}, {}, source=source)["processor"]["kind"] == "efficiency"


def test_cpus_that_are_alike_are_of_no_kind(tmp_path):
    assert kinds.of_machine(Source(tmp_path), {0, 1}) == [] and kinds.of(Source(tmp_path), {0, 1}) == ""
    for number, khz in enumerate(("5100000", "4900000")):  # one is favoured
        put(tmp_path, f"sys/devices/system/cpu/cpu{number}/cpufreq/cpuinfo_max_freq", khz)
    assert kinds.of(Source(tmp_path), {0, 1}) == "" and kinds.keep_to_one(Source(tmp_path)) == ""


@pytest.mark.parametrize(("group", "files", "limit"), [
    ("0::/", {"cpu.max": "150000 100000"}, 1.5), ("0::/", {"cpu.max": "max 100000"}, None), ("0::/", {}, None),
    ("0::/a/b", {"a/cpu.max": "50000 100000", "a/b/cpu.max": "max 100000"}, 0.5),  # the parent's limit holds as well
    ("3:cpu,cpuacct:/x", {"cpu/x/cpu.cfs_quota_us": "20000", "cpu/x/cpu.cfs_period_us": "100000"}, 0.2),
    ("3:cpu:/x", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None),
    ("garbage", {"cpu.max": "garbage"}, None)])
def test_the_limit_of_a_control_group_of_either_version(tmp_path, group, files, limit):
    source = machine(tmp_path, proc__self__cgroup=group + "\n")
    for name, text in files.items():
        put(tmp_path, f"sys/fs/cgroup/{name}", text)
    assert system.cpu_limit(source) == limit


def test_memory_limits_and_throttling(tmp_path):
    source = machine(tmp_path, proc__self__cgroup="0::/\n")
    put(tmp_path, "sys/fs/cgroup/memory.max", "1073741824")
    put(tmp_path, "sys/fs/cgroup/cpu.stat", "usage_usec 5\nnr_throttled 3\nthrottled_usec 700\n")
    assert system.memory_limit(source) == 1 << 30
    assert system.throttled(source) == {"nr_throttled": 3, "throttled_usec": 700}
    put(tmp_path, "sys/fs/cgroup/memory.max", "9223372036854771712")
    assert system.memory_limit(source) is None


def test_only_boot_options_that_bear_on_speed_are_told(tmp_path):
    source = machine(tmp_path, proc__cmdline="root=UUID=12-34 ip=10.0.0.7::host isolcpus=1 mitigations=off quiet "
                     "console=ttyS0 psi=1 mitigations=/home/x -- --secret isolcpus=2")
    assert system.boot_options(source) == "isolcpus=1 mitigations=off psi=1"


@pytest.mark.parametrize(("text", "fixed"), [("00040000", True), ("00000000", False), ("", False), ("zz", False)])
def test_addresses_that_a_parent_has_fixed(tmp_path, text, fixed):
    assert system.fixed_addresses(machine(tmp_path, proc__self__personality=text)) is fixed


def test_memory(tmp_path):
    source = machine(tmp_path, proc__meminfo="MemTotal: 2048 kB\nMemAvailable:  1024 kB\nHugePages_Total:  3\nSwapTotal: 0 kB\n")
    assert hardware.total_bytes(source) == 2 << 20
    found = hardware.describe_memory(source)
    assert (found["available_bytes"], found["huge_pages"], found["swap_bytes"]) == (1 << 20, 3, 0)


def test_what_happened_during_a_run(tmp_path):
    before = machine(tmp_path / "a", proc__stat="cpu 10 0 0 80 0 0 0 10 0 0\n", proc__pressure__cpu="some avg10=0 total=0\n",
                     proc__loadavg="0.50 0 0 1/90 5", proc__vmstat="oom_kill 1\n", proc__self__cgroup="0::/\n")
    after = machine(tmp_path / "b", proc__stat="cpu 20 0 0 140 0 0 0 40 0 0\n", proc__pressure__cpu="some avg10=0 total=9\n",
                    proc__loadavg="1.50 0 0 7/90 5", proc__vmstat="oom_kill 2\n", proc__self__cgroup="0::/\n")
    put(tmp_path / "a", "sys/fs/cgroup/cpu.stat", "nr_throttled 1\nthrottled_usec 10\n")
    put(tmp_path / "b", "sys/fs/cgroup/cpu.stat", "nr_throttled 4\nthrottled_usec 60\n")
    found = run_counters.between(run_counters.snapshot(before), run_counters.snapshot(after))
    assert (found["steal_share"], found["nr_throttled"], found["throttled_usec"], found["oom_kills"]) == (0.3, 3, 50, 1)
    assert (found["load_after"], found["runnable_after"], found["runnable_before"]) == (1.5, 7, 1)


def test_a_clock_that_was_set_shows_as_a_step():
    blank = dict(jiffies=None, steal=None, load=None)
    found = run_counters.between(run_counters.Snapshot(5, 1000, **blank), run_counters.Snapshot(15, 4610, **blank))
    assert (found["seconds"], found["clock_step_seconds"]) == (10, 3600)


def test_time_that_the_contenders_did_not_fill_is_the_drivers():
    blank = dict(jiffies=None, steal=None, load=None)
    found = run_counters.between(run_counters.Snapshot(0, 0, **blank, contenders_cpu=2),
                           run_counters.Snapshot(10, 10, **blank, driver_cpu=3, contenders_cpu=11))
    assert (found["driver_cpu_seconds"], found["contenders_cpu_seconds"], found["contenders_idle_share"]) == (3, 9, 0.1)


def test_a_pipe_or_a_folder_in_place_of_a_file_is_absent(tmp_path):
    import os
    os.mkfifo(tmp_path / "pipe")
    assert Source(tmp_path).text("/pipe") == "absent" and Source(tmp_path).text("/") == "absent"


JOE, ANN, ROOT_HOME = (f"/{'/'.join(parts)}" for parts in (("home", "joe"), ("Users", "ann"), ("root",)))  # nobody's


@pytest.mark.parametrize(("text", "cleaned"), [
    (f"mine={JOE}/lib.so", "mine=~/lib.so"), (f"{ROOT_HOME}/x --out {ROOT_HOME}", "~/x --out ~"),
    (f"{ANN}/a b", "~/a b"), ("/usr/lib/x.so", "/usr/lib/x.so"), (f"{ROOT_HOME}ed", f"{ROOT_HOME}ed"),
    (f"/opt{JOE}/x", f"/opt{JOE}/x"),
    ("on bigbox: bigbox.local, notbigbox", "on HOST: HOST.local, notbigbox"), (JOE, "~")])
def test_no_home_and_no_host_is_told(text, cleaned):
    assert redaction.clean({"a": [text]}, "bigbox") == {"a": [cleaned]}
    assert redaction.clean(cleaned, "bigbox") == cleaned


def test_a_common_word_is_no_host_name():
    assert redaction.clean("docker vm", "docker") == "docker vm" and redaction.clean("a vm", "vm") == "a vm"


def test_variables_are_those_that_tune_a_heap_and_tell_no_home():
    found = environment.variables({"MALLOC_CONF": f"prof_prefix:{JOE}/x", "HOME": JOE, "LD_PRELOAD": "x"})
    assert found == {"MALLOC_CONF": "prof_prefix:~/x"}


def test_the_build_id_is_the_one_that_the_linker_wrote():
    data = Path("/bin/true").resolve().read_bytes()
    found = environment.build_id(data)
    told = subprocess.run(["readelf", "-n", "/bin/true"], capture_output=True, text=True, check=False).stdout
    assert not told or f"Build ID: {found}" in told
    assert environment.build_id(b"#!/bin/sh") == environment.build_id(b"\x7fELF\x02\x01") == environment.build_id(data[:100]) == ""


def test_a_checkout_is_told_by_what_differs(tmp_path):
    def git(*words):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True, capture_output=True)
    assert environment.checkout(tmp_path)["commit"] == "unknown"
    git("init", "-q")
    put(tmp_path, "a", "1")
    git("add", "a")
    git("commit", "-qm", "x")
    assert environment.checkout(tmp_path) | {"commit": ""} == {"commit": "", "dirty": False, "difference_sha256": ""}
    inside = tmp_path / "a copy without .git"
    inside.mkdir()
    assert environment.commit(inside) == ("unknown", True), "the repository around it is somebody else's"
    git("config", "status.showUntrackedFiles", "no")
    hashes = set()
    for text in ("2", "3"):
        put(tmp_path, "a", text)
        hashes.add(environment.checkout(tmp_path)["difference_sha256"])
        put(tmp_path, "neü", text)
        hashes.add(environment.checkout(tmp_path)["difference_sha256"])
    assert len(hashes) == 4
    put(tmp_path, "a", "1")
    assert environment.commit(tmp_path)[1], "a file that git does not know, and was told not to mention"


def test_a_repository_that_variables_name_is_not_the_checkouts(tmp_path, monkeypatch):
    before = environment.commit(build.ROOT)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / ".git"))
    assert environment.commit(build.ROOT) == before


def test_a_workloads_hash_is_of_its_code_and_of_what_times_it(tmp_path):
    put(tmp_path, "benchmarks/workloads/pair.cpp", '#include "benchmarks/harness/a.hpp"\nint x;\n')
    put(tmp_path, "benchmarks/harness/a.hpp", '#include "pools/pool.hpp"\nint y;\n')
    put(tmp_path, "benchmarks/harness/epoch.cpp", "int z;\n")
    put(tmp_path, "pools/pool.hpp", "int p;\n")
    hashes = [sources.workload_hash(tmp_path, "pair")]
    for path, text, changes in (("benchmarks/workloads/pair.cpp", '// why\n#include "benchmarks/harness/a.hpp"\n\n  int x;\n', False),
                                ("pools/pool.hpp", "int q;\n", False), ("benchmarks/harness/a.hpp", "int w;\n", True),
                                ("benchmarks/harness/epoch.cpp", "int v;\n", True), ("benchmarks/workloads/pair.cpp", "int u;\n", True)):
        pools = sources.pools_hash(tmp_path)
        put(tmp_path, path, text)
        hashes.append(sources.workload_hash(tmp_path, "pair"))
        assert (hashes[-1] != hashes[-2]) == changes, path
        assert (sources.pools_hash(tmp_path) != pools) == path.startswith("pools")
    assert sources.workload_hash(tmp_path, "none") == sources.workload_hash(tmp_path, "../harness/epoch") == ""
