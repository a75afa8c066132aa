"""What may be left out of a record without a word, and what may not because it could carry data past it."""

from __future__ import annotations

import pytest

from sbom.recording.places import Kind, Places, is_compiled, is_tool, is_tool_directory


@pytest.fixture
def places() -> Places:
    return Places("/home/me/work", ["/home/me/work/.venv", "/opt/python", "/home/me/lib/", "/home"])


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me/work/a.csv", Kind.FILE),
        ("/home/me/work/sub/.hidden", Kind.FILE),
        ("/home/me/work/venv", Kind.FILE),
        ("/home/me/work/pkg/__pycache__/m.cpython-311.pyc", Kind.FILE),
        ("/home/me/work/.venv/lib/x.py", Kind.SILENT),
        ("/opt/python/lib/x.py", Kind.SILENT),
        ("/home/me/lib/x.py", Kind.SILENT),
        ("/usr/lib/libc.so", Kind.SILENT),
        ("/etc/passwd", Kind.SILENT),
        ("/proc/self/status", Kind.SILENT),
        ("/dev/null", Kind.SILENT),
        ("/dev/none", Kind.SILENT),
        ("/home/me/work/.git/HEAD", Kind.SILENT),
        ("/home/me/work/.git/objects/ab/" + "0" * 38, Kind.SILENT),
        # Each of these could hold data.
        ("/home/me/work/.cache/rows.csv", Kind.TOOL),
        ("/home/me/work/__pycache__/rows.csv", Kind.TOOL),
        ("/home/me/work/.git/rows.csv", Kind.TOOL),
        ("/home/me/work/.git/objects/rows.csv", Kind.TOOL),
        ("/home/me/work/.dvc/cache/ab/cd", Kind.TOOL),
        ("/home/me/work/x.egg-info/rows.csv", Kind.TOOL),
        ("/home/me/work2/rows.csv", Kind.OUTSIDE),
        ("/home/me/rows.csv", Kind.OUTSIDE),
        ("/opt/rows.csv", Kind.OUTSIDE),
        ("/run/rows.csv", Kind.OUTSIDE),
        ("/run/media/me/rows.csv", Kind.OUTSIDE),
        ("/var/lib/rows.csv", Kind.OUTSIDE),
        ("/dev/shm/rows.csv", Kind.OUTSIDE),  # noqa: S108  # named, not used
        ("/dev/mqueue/rows", Kind.OUTSIDE),
        ("/proc/7/mem", Kind.OUTSIDE),
        ("/proc/7/task/8/mem", Kind.OUTSIDE),
        ("/tmp/rows.csv", Kind.OUTSIDE),  # noqa: S108
    ],
)
def test_reading(places: Places, path: str, kind: Kind) -> None:
    assert places.of_read(path, path) is kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me/work/a.csv", Kind.FILE),
        ("/home/me/work/pkg/__pycache__/m.cpython-311.pyc", Kind.SILENT),
        ("/opt/python/lib/__pycache__/m.cpython-311.pyc.1234", Kind.SILENT),
        ("/dev/null", Kind.SILENT),
        ("/proc/self/oom_score_adj", Kind.SILENT),
        # Nobody would look for data there.
        ("/opt/python/lib/rows.csv", Kind.OUTSIDE),
        ("/usr/share/rows.csv", Kind.OUTSIDE),
        ("/etc/rows.csv", Kind.OUTSIDE),
        ("/dev/shm/rows.csv", Kind.OUTSIDE),  # noqa: S108
        ("/home/me/work/.venv/rows.csv", Kind.TOOL),
        ("/home/me/work/.git/config", Kind.TOOL),
    ],
)
def test_writing(places: Places, path: str, kind: Kind) -> None:
    assert places.of_write(path) is kind


def test_links_in_the_workspace_make_data_of_what_they_lead_to(places: Places) -> None:
    assert places.of_read("/usr/share/dict/words", "/home/me/work/words") is Kind.OUTSIDE
    assert places.of_read("/mnt/rows.csv", "/home/me/work/rows.csv") is Kind.OUTSIDE


def test_packages_may_be_links(places: Places) -> None:
    assert places.of_read("/home/me/cache/x.py", "/home/me/work/.venv/lib/x.py") is Kind.SILENT


def test_software_behind_a_link(tmp_path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "prefix").symlink_to("real")
    found = Places("/w", [str(tmp_path / "prefix")])
    assert found.of_read(str(tmp_path / "real" / "x.py"), str(tmp_path / "real" / "x.py")) is Kind.SILENT


def test_names(places: Places) -> None:
    assert places.name("/home/me/work/a/b") == "a/b" and places.name("/home/me/worker") is None
    assert places.path("a/b") == "/home/me/work/a/b"
    assert Places("/", []).name("/a") == "a"


def test_tools() -> None:
    assert is_tool("a/.git/config") and is_tool(".cache/x") and not is_tool("cache/x") and not is_tool(".git")
    assert is_tool_directory("a/node_modules") and not is_tool_directory("a/modules")
    assert is_compiled("__pycache__/x.cpython-311.pyc") and not is_compiled("x.pyc") and not is_compiled("a/x.py")


def test_version_managers():
    found = Places("/home/me/work", ["/home/me/.pyenv/versions/3.13.1"])
    for path in ("shims/python3", "libexec/pyenv-exec", "version", "versions/3.13.1/lib/x.py"):
        assert found.of_read(f"/home/me/.pyenv/{path}", path) is Kind.SILENT, path
    for path in ("versions/3.12.0/lib/x.py", "data.csv", "notes"):
        assert found.of_read(f"/home/me/.pyenv/{path}", path) is Kind.OUTSIDE, path
    assert found.of_write("/home/me/.pyenv/shims/x") is Kind.OUTSIDE
