"""Which program a run needs: built with every pool only where the run asks about more than the leading ones."""

from pathlib import Path

import pytest

from suite.base import build
from suite.plan import binary, describe, own
from suite.plan.describe import Description, Strategy

LEADING = Description({}, (), tuple(Strategy(name, "pool", "", True, "") for name in ("fresh_heap", "slab_pool")), ())


@pytest.fixture
def built(monkeypatch):
    asked = []
    monkeypatch.setattr(build, "ensure", lambda again=False, every_pool=False: asked.append(every_pool) or
                        (build.EVERY_POOL if every_pool else build.BENCH))
    monkeypatch.setattr(own, "ensure", lambda types: Path("own"))
    monkeypatch.setattr(describe, "ask", lambda bench: LEADING)
    return asked


@pytest.mark.parametrize(("preset", "strategies", "every_pool"), [
    ("quick", (), [False]), ("full", (), [False]), ("quick", ("slab_pool", "fresh_*"), [False]),
    ("wide", (), [True]), ("smoke", (), [True]), ("quick", ("slab_pool", "cpu_pool"), [False, True])])
def test_every_pool_is_built_where_the_preset_or_a_named_strategy_asks(built, preset, strategies, every_pool):
    assert binary.ensure((), preset, strategies) == (build.EVERY_POOL if every_pool[-1] else build.BENCH)
    assert built == every_pool


def test_a_readers_own_types_are_measured_in_every_pool_by_one_program(built):
    assert binary.ensure(("my_type.hpp",), "wide", ("cpu_pool",)) == Path("own") and built == []


def test_a_build_folder_that_was_copied_with_another_checkout_is_made_anew(tmp_path, capsys):
    folder = tmp_path / "build/bench"
    folder.mkdir(parents=True)
    build.discard_moved(folder, tmp_path)
    for home, kept in ((tmp_path, True), (tmp_path / "elsewhere", False)):
        (folder / "CMakeCache.txt").write_text(f"// x\nCMAKE_HOME_DIRECTORY:INTERNAL={home}\n")
        build.discard_moved(folder, tmp_path)
        assert folder.exists() is kept
    assert "another checkout" in capsys.readouterr().err
