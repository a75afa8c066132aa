"""``data-sbom fetch``: its flags, exit codes and words; the work itself is in tests/sources."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "sources"))

from webserver import Web, redirect, reply, serve

from sbom.cli import fetch as command
from sbom.errors import UsageError

DATA = b"species,mass\n" * 50
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def web():
    server = Web()
    server.routes["a.csv"] = serve(DATA)
    yield server
    server.close()


@pytest.fixture
def fetch(cli, tmp_path):
    return lambda *words: cli("fetch", "-o", tmp_path / "out", "--retries", "0", *words)


def test_it_downloads_records_and_says_so(fetch, web, tmp_path):
    web.routes["b"] = redirect("/a.csv")
    ran = fetch(web.url("a.csv"), web.url("b"), "--allow-private")
    assert ran.code == 0, ran.text
    assert ran.out == ""
    assert f"fetched   {tmp_path}/out/a.csv · 650 B · sha256 {DIGEST}\n" in ran.err
    assert "· 1 redirect\n" in ran.err
    assert "data-sbom-retrieval.json" in ran.err
    again = fetch(web.url("a.csv"), "--allow-private", "-q")
    assert (again.code, again.text) == (0, "")
    assert "present" in fetch(web.url("a.csv"), "--allow-private").err


def test_pins(fetch, web, tmp_path):
    assert fetch(web.url("a.csv"), "--sha256", DIGEST, "--allow-private").code == 0
    assert fetch(f"{web.url('a.csv')}#sha256={DIGEST}", "--name", "b", "--allow-private").code == 0
    wrong = fetch(web.url("a.csv"), "--sha256", "0" * 64, "--name", "c", "--allow-private")
    assert wrong.code == 1
    assert "not what was pinned" in wrong.err
    assert not (tmp_path / "out" / "c").exists()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x", "http://localhost/x", "http://169.254.169.254/x", "http://[::1]/x", "http://0x7f.1/x"]
)
def test_private_addresses_are_wrong_usage(fetch, url, tmp_path):
    ran = fetch(url)
    assert ran.code == 2
    assert "--allow-private" in ran.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "words",
    [
        *(
            ["ftp://h/x"],
            ["x"],
            ["http://h/"],
            ["http://h/x", "--sha256", "x"],
            ["http://h/x", "http://h/y", "--sha256", "0" * 64],
        ),
        *(
            ["http://h/x", "--name", "../x"],
            ["http://h/x", "--max-size", "0"],
            ["http://h/x", "--max-size", "much"],
            ["http://h/x", "--retries", "-1"],
        ),
        *(["http://h/x", "--timeout", "0"], ["http://h/x", "--retries", "9999"], []),
    ],
)
def test_wrong_usage(fetch, words):
    assert fetch(*words).code == 2


def test_no_network_and_http_errors_are_undecided(fetch, web, tmp_path):
    assert fetch(web.url("gone"), "--allow-private").code == 3
    web.close()
    ran = fetch(web.url("a.csv"), "--allow-private")
    assert ran.code == 3
    assert not (tmp_path / "out").exists()


def test_a_limit_is_undecided(fetch, web):
    ran = fetch(web.url("a.csv"), "--allow-private", "--max-size", "649")
    assert ran.code == 3
    assert fetch(web.url("a.csv"), "--allow-private", "--max-size", "650").code == 0


def test_secrets_are_not_shown(fetch, web):
    web.routes["x?token=hush"] = lambda request: [reply(b"", 403)]
    url = web.url("x?token=hush").replace("http://", "http://me:hush@")
    assert "hush" not in fetch(url, "--allow-private").text
    web.close()
    ran = fetch(url, "--allow-private")
    assert ran.code == 3
    assert "hush" not in ran.text


def test_a_traceback_shows_no_secret_either(web, tmp_path):
    url = web.url("x?token=hush").replace("http://", "http://me:hush@")
    web.close()
    words = [sys.executable, "-m", "sbom", "fetch", url, "-o", tmp_path / "out", "--allow-private", "--retries=0", "-v"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 3
    assert "Traceback" in ran.stderr
    assert "hush" not in ran.stderr


def test_doubtful_names_are_warned_about(fetch, web):
    web.routes["x."] = serve(DATA)
    assert "warning: x.: a part of the name ends in" in fetch(web.url("x."), "--allow-private").err


def test_what_came_before_an_error_is_told(fetch, web):
    ran = fetch(web.url("a.csv"), web.url("gone"), "--allow-private")
    assert ran.code == 3
    assert "fetched " in ran.err


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("1B", 1),
        ("5kB", 5000),
        ("5 KiB", 5120),
        ("2m", 2_000_000),
        ("1GiB", 1 << 30),
        ("100GiB", 100 << 30),
        ("1T", 10**12),
    ],
)
def test_sizes(text, size):
    assert command._bytes(text) == size


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5G", "1iB", "1EB", "9" * 20, "K", "1\n2", "²"])
def test_what_is_no_size(text):
    with pytest.raises(UsageError):
        command._bytes(text)


def test_help_does_not_load_the_http_library():
    code = "import sys\nfrom sbom.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass\nprint('requests' in sys.modules, file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", code, "fetch", "--help"], capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == "False"
