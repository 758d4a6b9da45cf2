"""Campaigns in their folders, by the script of a job, and through a real Slurm: two nodes on loopback with ports of their own, whose daemons end
with a test, by their process ids."""

import json
import os
import platform
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from driver import PATIENCE, ROOT, campaign, wait_until
from suite import cli
from suite.analysis import cell
from suite.fleet import merge, page as pages, shares, slurm as scheduler
from suite.plan import describe, groups
from suite.plan.cells import Selection
from suite.plan.presets import PRESETS
from suite.results import results_file
from test_fleet import bench, few_pages, fleet, own, told, two_shares  # noqa: F401  (fixtures)

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "srun", "scancel", "scontrol", "sinfo")
NODES = ("n1", "n2")
OTHER_CPU = """import os
if os.environ.get("SLURMD_NODENAME") == os.environ.get("POOLMARK_TEST_OTHER"):
    from suite.machine import hardware
    hardware.model = lambda source: "Another CPU"
"""
CONF = """ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/sock
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/ctld.pid
SlurmdPidFile={folder}/d-%n.pid
SlurmctldLogFile={folder}/log/ctld
SlurmdLogFile={folder}/log/d-%n
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SchedulerType=sched/builtin
SelectType=select/linear
ReturnToService=2
MpiDefault=none
KillWait=2
SlurmdTimeout=10
NodeName=n1 NodeAddr=127.0.0.1 Port={ports[1]} CPUs=1 State=UNKNOWN
NodeName=n2 NodeAddr=127.0.0.1 Port={ports[2]} CPUs=1 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def needed() -> None:
    """Skips with the reason where it cannot run."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)}: apt install slurmctld slurmd slurm-client munge")
    if os.geteuid():
        pytest.skip("the daemons of Slurm run as root here")


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Cluster:
    """Its daemons by name, and what a test does to them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.daemons = folder, {}
        self.variables = os.environ | {"SLURM_CONF": str(folder / "slurm.conf")}

    def start(self, name: str, *command: str) -> None:
        with (self.folder / "log" / f"{name}.out").open("a") as log:
            self.daemons[name] = subprocess.Popen(command, env=self.variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def node(self, name: str) -> None:
        self.start(name, "slurmd", "-D", "-N", name)

    def kill(self, name: str) -> None:
        """As a node dies: the daemon and all that it runs, without a word."""
        for pid in [*steps(self.daemons[name].pid), self.daemons[name].pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, 9)
        self.daemons.pop(name).wait()

    def ask(self, *command: str) -> str:
        return subprocess.run(command, env=self.variables, capture_output=True, text=True, timeout=PATIENCE, check=False).stdout

    def end(self) -> None:
        for name in [name for name in ("slurmctld", *NODES, "munged") if name in self.daemons]:
            if name in NODES:
                self.kill(name)
                continue
            self.daemons[name].terminate()
            self.daemons[name].wait(PATIENCE)


def steps(parent: int) -> list[int]:
    """All processes below one."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found, waiting = [], [parent]
    while waiting:
        below = [pid for pid, above in pairs if above == waiting[0]]
        found, waiting = found + below, waiting[1:] + below
    return found


@contextmanager
def running() -> Iterator[Cluster]:
    """Up, both nodes idle."""
    needed()
    folder = Path(tempfile.mkdtemp(prefix="poolmark-slurm-"))
    for name in ("munge", "state", "log"):
        (folder / name).mkdir(mode=0o755)
    (folder / "slurm.conf").write_text(CONF.format(host=platform.node(), ports=free_ports(3), folder=folder))
    (folder / "munge/key").write_bytes(os.urandom(1024))
    (folder / "munge/key").chmod(0o600)
    one = Cluster(folder)
    try:
        folder.chmod(0o755)
        one.start("munged", "munged", "--foreground", "--force", *(f"--{key}={folder}/munge/{name}" for key, name in (
            ("key-file", "key"), ("socket", "sock"), ("pid-file", "pid"), ("log-file", "log"), ("seed-file", "seed"))))
        wait_until((folder / "munge/sock").exists)
        one.start("slurmctld", "slurmctld", "-D")
        for name in NODES:
            one.node(name)
        wait_until(lambda: one.ask("sinfo", "-h", "-o", "%T %D").split() == ["idle", "2"])
        yield one
    finally:
        one.end()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def cluster(monkeypatch):
    """A Slurm that the command finds."""
    with running() as one:
        monkeypatch.setenv("SLURM_CONF", one.variables["SLURM_CONF"])
        yield one


def states(capsys, path):
    return fleet(capsys, "status", path)[1]


def whole(path):
    return sum(shares.whole(path, number) for number in range(len(shares.read(path).shares)))


def test_groups_are_never_divided_and_each_is_in_one_share(bench, tmp_path):
    every = groups.make(describe.ask(bench), Selection(("good", "tiers")), PRESETS["quick"])
    names = [group.name for group in every if group.baseline.workload != "controls"]
    divided = shares.divide(every, PRESETS["quick"], 3)
    assert sorted(name for share in divided for name in share) == sorted(names) and all(divided)


def test_two_campaigns_meet_class_by_class(two_shares, tmp_path, capsys):
    first, second = tmp_path / "first", tmp_path / "second"
    for path in (first, second):
        shutil.copytree(two_shares, path)
    plan = shares.read(second)
    shares.write(second, replace(plan, run=replace(plan.run, id="another")))
    for number in (0, 1):
        told(second, number, campaign="another")
    assert fleet(capsys, "collect", first)[0] == fleet(capsys, "collect", second)[0] == 0
    assert cli.main(["replicate", str(first), str(second)]) == 0
    said = capsys.readouterr().out
    assert "100.0 % of" in said and " first " in said and " second " in said and said.startswith(next(iter(merge.folders(first))))
    assert cli.main(["compare", str(first), str(second)]) == 0 and "cells are the same within the margin" in capsys.readouterr().out
    facts = json.loads((second / "shares/0000/share.json").read_text())["class"]
    for number in (0, 1):
        told(second, number, **{"class": facts | {"kernel": "another"}})
    assert fleet(capsys, "collect", second)[0] == 0
    assert cli.main(["compare", str(first), str(second)]) == 2 and "no machine class in common" in capsys.readouterr().err


def test_a_disk_that_is_full_loses_no_share(two_shares, bench, tmp_path, monkeypatch, capsys):
    path = own(two_shares, tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(merge.results_file, "write", full)
    code, said, err = fleet(capsys, "collect", path)
    assert code == 2 and "No space left on device" in err and "the shares are as they were" in err and err.count("\n") == 1
    assert not list(path.glob(".classes-*")) and len(list((path / "shares").iterdir())) == 2
    monkeypatch.setattr(shares.shutil, "copy2", full)
    code, _, err = fleet(capsys, "local", "--prepare", "--workload", "good", "--out", tmp_path / "new")
    assert code == 2 and "No space left on device" in err and not (tmp_path / "new").exists()


def test_classes_disagree_where_their_intervals_do_and_a_faster_node_is_shorter():
    one, near, far = (cell.of({"id": "c", "verdict": verdict, "ns_per_op": {"median": 1.0}, "ratio": {
        "estimate": at, "low": at - 0.05, "high": at + 0.05}}) for at, verdict in ((0.93, "FASTER"), (1.0, "EQUIVALENT"), (1.2, "SLOWER")))
    assert pages.disagree([one, far]) and pages.disagree([far, near, one]) and not pages.disagree([one, near])
    members = [merge.Share(number, None, {"node": str(number), "cells": {"c": [1.0, 8.0 if number == 3 else 10.0, 1, 0.0]}}) for number in range(8)]
    assert pages.outliers(members) == ["node 3: times that are 20 % shorter than those of its class"]
    assert pages._by_cell(members + [replace(members[0], told=members[0].told | {"cells": {"c": [1.0, 12.0, 1, 0.0]}})])["c"]["0"][1] == 11.0


def test_the_script_of_a_job_is_shown_and_nothing_is_made(bench, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scheduler, "check", lambda _: None)
    code, said, err = fleet(capsys, "submit", "--dry-run", "--workload", "good", "--shares", 2, "--partition", "bench", "--out", tmp_path / "new")
    assert code == 0 and not (tmp_path / "new").exists(), err
    assert {"#SBATCH --array=0-1", "#SBATCH --partition=bench", "#SBATCH --exclusive", "#SBATCH --requeue"} <= set(said.splitlines())
    assert f'fleet share {tmp_path}/new "$SLURM_ARRAY_TASK_ID"' in said and "#SBATCH --time=" in said
    code, said, err = fleet(capsys, "submit", "--dry-run", "--mode", "replicate", "--nodes", 6, "--out", tmp_path / "a b%c")
    assert "#SBATCH --array=0-5%6" in said and f"#SBATCH '--output={tmp_path}/a b%%c/log/%a.txt'" in said, err
    assert "note: with 6 nodes a cell is FASTER or SLOWER only in a group of at most 1 comparison " in err and "with 10, of 25" in err
    assert scheduler.ranges([0, 1, 2, 5, 7, 8]) == "0-2,5,7-8"


def test_without_slurm_nobody_is_waited_for_and_what_it_says_is_passed_on(bench, tmp_path, monkeypatch, capsys):
    path = tmp_path / "c"
    assert fleet(capsys, "local", "--prepare", "--preset", "smoke", "--workload", "good", "--shares", 2, "--out", path)[0] == 0
    said = f"not whole: 0-1; run one with: scripts/poolmark fleet share {path} 0"
    assert said in states(capsys, path)
    shares.write(path, replace(shares.read(path), jobs=("7",)))
    monkeypatch.setattr(scheduler.shutil, "which", lambda name: name)
    for complaint, line in (("slurm_load_jobs error: Invalid job id specified", "nobody is going to finish 0-1"),
                            ("Unable to contact slurm controller", said)):
        monkeypatch.setattr(scheduler, "_ask", lambda *words, **_: subprocess.CompletedProcess(words, 1, "", f"srun: error: {complaint}\n"))
        assert line in states(capsys, path) and complaint in scheduler.probe(path, "", 1)
    monkeypatch.setattr(scheduler, "_ask", lambda *words, **_: subprocess.CompletedProcess(words, 0, "0|PENDING||0\n1|SUSPENDED|n1|9\n", ""))
    assert "nobody" not in states(capsys, path) and "shares 0-1 of" in fleet(capsys, "submit", "--resume", "--out", path)[2]
    monkeypatch.setattr(shares, "whole", lambda path, number: number == 0)
    assert "#SBATCH --array=1\n" in fleet(capsys, "submit", "--resume", "--dry-run", "--out", path)[1]


def test_slurm_runs_the_shares_though_a_node_dies_and_the_operator_cancels(bench, cluster, tmp_path, monkeypatch, capsys):
    path = tmp_path / "c 100%a"
    words = ["--preset", "smoke", "--out", path, "--seed", 7] + [word for name in ("good", "bad", "lost", "tiers") for word in ("--workload", name)]
    code, _, err = fleet(capsys, "submit", *words, "--shares", 8, "--partition", "nowhere")
    assert code == 2 and "there is no partition 'nowhere'; there are: all" in err and not path.exists()
    code, said, err = fleet(capsys, "submit", *words, "--shares", 8, "--nodes", 2)
    assert code == 0 and said.startswith("job "), err
    assert fleet(capsys, "submit", "--resume", "--out", path)[0] == 2
    wait_until(lambda: list((path / "running").glob("*/partial.jsonl")))
    cluster.kill("n2")
    cluster.ask("scontrol", "update", "NodeName=n2", "State=DOWN", "Reason=test")
    wait_until(lambda: "Restarts=1" in cluster.ask("scontrol", "show", "job", "-o"))
    wait_until(lambda: whole(path) > 1)
    cluster.ask("scancel", *shares.read(path).jobs)
    wait_until(lambda: not cluster.ask("squeue", "-h", "-t", "pending,running,completing"))
    left = states(capsys, path)
    assert f"go on with: scripts/poolmark fleet submit --resume --out {path}" in left and " whole" in left.splitlines()[0]
    code, said, err = fleet(capsys, "collect", path)  # before the end
    assert code == 0 and "not there yet" in said, err
    cluster.node("n2")
    cluster.ask("scontrol", "update", "NodeName=n2", "State=RESUME")
    assert fleet(capsys, "submit", "--resume", "--out", path)[0] == 0
    wait_until(lambda: whole(path) == 8)
    assert fleet(capsys, "collect", path)[0] == 0
    (tmp_path / "run").mkdir()
    single = campaign(tmp_path / "run", workloads=("good", "bad", "lost", "tiers")).run(ROOT).results
    (folder,) = merge.folders(path).values()
    merged = results_file.load(folder / "results.json")
    assert sorted(cell["id"] for cell in merged["cells"]) == sorted(cell["id"] for cell in single["cells"])
    assert {row["node"] for cell in merged["cells"] for row in cell["samples"]} == {shares.node(shares.read(path)) for name in ("n1", "n2")
            if not monkeypatch.setenv("SLURMD_NODENAME", name)}
    assert cli.main(["verify", str(path)]) == 0


def test_slurm_tells_two_kinds_of_nodes_apart_and_a_clock_that_is_wrong_changes_nothing(bench, cluster, tmp_path, monkeypatch, capsys):
    (tmp_path / "changed").mkdir()
    (tmp_path / "changed/sitecustomize.py").write_text(OTHER_CPU + "    import time\n    now = time.time\n    time.time = lambda: now() + 3600\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "changed"))
    monkeypatch.setenv("POOLMARK_TEST_OTHER", "n2")
    path = tmp_path / "c"
    assert fleet(capsys, "submit", "--preset", "smoke", "--workload", "good", "--shares", 2, "--nodes", 2, "--out", path)[0] == 0
    wait_until(lambda: whole(path) == 2)
    assert fleet(capsys, "collect", path)[0] == 0
    found = merge.folders(path)
    assert len(found) == 2 and sum(name.startswith("another-cpu") for name in found) == 1
    started = {json.loads((path / f"shares/{number:04d}/results.json").read_text())["run"]["started"] for number in (0, 1)}
    assert started == {shares.read(path).run.started}


def test_a_folder_that_nodes_do_not_see_is_refused_before_anything_runs(bench, cluster, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scheduler, "CAMPAIGN", "not-there.json")  # what a node finds below a mount point of its own
    path = tmp_path / "c"
    code, _, err = fleet(capsys, "submit", "--preset", "smoke", "--workload", "good", "--shares", 2, "--nodes", 2, "--out", path)
    assert code == 2 and f"not all of 2 nodes see {path}; choose one that all nodes mount" in err
    assert shares.read(path).jobs == () and not cluster.ask("squeue", "-h", "-t", "pending,running")
