"""The audit hook: what Python opens is seen, the program runs as ever, and its log is not trusted."""

from __future__ import annotations

import json
import sys

import pytest

from sbom.recording import audit
from sbom.recording.audit import GAP, observe
from sbom.recording.events import Events


def run(script: str):
    return observe([sys.executable, "-c", script])


def test_what_python_does_is_seen(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("read", "append", "old", "linked"):
        (tmp_path / name).write_text(name)
    code, found = run(
        "import os; open('read').read(); open('append', 'a').write('x'); open('new', 'w').close();"
        "open(b'bytes', 'xb').close(); os.rename('old', 'young'); os.link('linked', 'twin'); os.symlink('read', 'soft');"
        "os.close(os.open('raw', os.O_CREAT | os.O_RDWR)); open(0, closefd=False)"
    )
    here = f"{tmp_path}/"
    inside = [
        {path.removeprefix(here) for path in paths if path.startswith(here)} for paths in (found.read, found.written)
    ]
    assert code == 0
    assert inside[0] == {"read", "append", "old", "linked", "raw"}
    assert inside[1] == {"append", "new", "bytes", "old", "young", "twin", "soft", "raw"}
    assert found.moved == {f"{here}young": f"{here}old"} and f"{here}linked" in found.linked
    assert list(found.gaps) == [GAP]


def test_the_program_does_not_notice(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    code, _ = run("import sys; sys.exit(0 if '/somewhere' in sys.path else 1)")
    assert code == 0
    assert run("raise SystemExit(7)")[0] == 7


@pytest.mark.parametrize(
    ("attack", "gap"),
    [
        ("os.unlink(log)", "the log of what was observed cannot be read: No such file or directory"),
        ("os.truncate(log, 3)", "a line of the log was not understood"),
        *(
            (f"open(log, 'ab').write({line!r})", "a line of the log was not understood")
            for line in (
                b"nonsense\n", b"[]\n", b"5\n", b"{}\n", b'"read"\n', b"[1]\n", b'["read"]\n', b'["read", 1]\n',
                b'["read", "relative"]\n', b'["rename", "/a"]\n', b'["magic", "/a"]\n', b"[" * 5000 + b"\n", b"\xff\n",
            )
        ),
    ],
)  # fmt: skip
def test_its_log_is_not_trusted(attack: str, gap: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_text("x")
    code, found = run(f"import os; log = os.environ['DATA_SBOM_RECORD_LOG']; open('x'); {attack}")
    assert code == 0
    assert gap in found.gaps


def test_names_that_look_like_lines(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = 'a"]\n["read", "/etc/shadow'.replace("/", "\u2215")
    _, found = run(f"open({name!r}, 'w').close()")
    assert f"{tmp_path}/{name}" in found.written and len(found.gaps) == 1


@pytest.mark.parametrize("kind", ["read", "write", "update", "rename", "link"])
def test_lines(kind: str) -> None:
    events = Events()
    audit._take(json.dumps([kind, "/a", "/b"][: 1 + audit._PATHS[kind]]).encode(), events)
    assert not events.gaps
    assert bool(events.read) == (kind != "write") and bool(events.written) == (kind != "read")
