"""Downloads: resumed, pinned, placed, recorded; and servers, files and other processes that do not play along."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os

import pytest
from webserver import cut, redirect, reply, serve

from sbom.errors import LimitError, OutputError, UndecidedError, UsageError
from sbom.sources import download, part, plan, record
from sbom.sources.errors import FetchError, PinError, RedirectRefusedError

DATA = bytes(range(256)) * 1000
DIGEST = hashlib.sha256(DATA).hexdigest()
OTHER = DATA[::-1]
TAG = {"ETag": '"one"'}
PART = ".data-sbom.a.part"


@pytest.fixture
def into(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def fetch(web, http, into):
    """Fetch paths of the server; returns what is there then."""

    def run(*paths, pins=(), name=None, progress=lambda done, total: None, login="", **options):
        policy = {key: options.pop(key) for key in ("retries", "allow_private") if key in options}
        client = http(**policy)
        urls = [web.url(path, f"{login}127.0.0.1") for path in paths]
        wanted = plan.plan(urls, pins, name, client.policy)
        return list(download.fetch(wanted, str(into), client, progress=progress, **options))

    return run


def files(directory):
    return sorted(os.listdir(directory)) if directory.exists() else []


def test_a_file_is_downloaded_and_recorded(web, fetch, into):
    web.routes |= {"x": redirect("/y/other-name.csv?token=s")}
    web.routes["y/other-name.csv?token=s"] = serve(
        DATA, **TAG, Content_Type="text/csv", Content_Disposition="attachment; filename=../evil"
    )
    (got,) = fetch("x", login="me:secret@")
    assert files(into) == [record.FILE_NAME, "x"]
    assert (into / "x").read_bytes() == DATA
    (one,) = record.load(str(into))
    assert (one.url, one.final_url) == (web.url("x"), web.url("y/other-name.csv?token=REDACTED"))
    assert (one.size, one.sha256, one.path, one.status) == (len(DATA), DIGEST, "x", 200)
    assert (one.etag, one.content_type, one.redirects) == ('"one"', "text/csv", (one.final_url,))
    assert got.retrieval == one
    assert b"secret" not in (into / record.FILE_NAME).read_bytes()


def test_empty_files_and_several(web, fetch, into):
    web.routes |= {"a": serve(b""), "b": serve(DATA)}
    assert [one.size for one in fetch("a", "b")] == [0, len(DATA)]
    assert [one.path for one in record.load(str(into))] == ["a", "b"]


def test_progress_adds_up(web, fetch):
    web.routes["a"] = [cut(DATA, 1000), cut(DATA, 50_000, **TAG), serve(DATA, **TAG)]
    seen = []
    fetch("a", progress=lambda done, total: seen.append((done, total)))
    assert sum(done for done, _ in seen) == len(DATA)
    assert seen[-1][1] == len(DATA)


# --- resuming ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers", [TAG, {"Last_Modified": "Mon, 05 Jan 2026 09:00:00 GMT"}], ids=["etag", "last-modified"]
)
def test_it_goes_on_where_the_connection_was_cut(web, fetch, into, headers):
    web.routes["a"] = [cut(DATA, 100_000, **headers), serve(DATA, **headers)]
    fetch("a")
    assert (into / "a").read_bytes() == DATA
    asked = web.requests[1].headers
    assert (asked["range"], asked["if-range"]) == ("bytes=100000-", next(iter(headers.values())))
    assert record.load(str(into))[0].status == 206


def test_a_later_run_goes_on(web, fetch, into):
    web.routes["a"] = [cut(DATA, 100_000, **TAG), serve(DATA, **TAG)]
    with pytest.raises(FetchError):
        fetch("a", retries=0)
    assert files(into) == [PART, f"{PART}.json"]
    assert b"127.0.0.1:" in (into / f"{PART}.json").read_bytes()
    (got,) = fetch("a", retries=0)
    assert got.sha256 == DIGEST
    assert files(into) == ["a", record.FILE_NAME]
    assert web.requests[1].headers["range"] == "bytes=100000-"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ETag": 'W/"weak"'},
        {"ETag": "bare"},
        {"Last_Modified": "Mon, 05 Jan 2026 09:59:30 GMT"},
        {"Last_Modified": "yesterday"},
        {**TAG, "Accept_Ranges": "none"},
        {"ETag": 'W/"w"', "Last_Modified": "Mon, 05 Jan 2026 09:00:00 GMT"},
    ],
)
def test_without_a_strong_validator_nothing_is_resumed_and_nothing_is_left(web, fetch, into, headers):
    web.routes["a"] = [cut(OTHER, 100_000, **headers), serve(DATA, **headers)]
    fetch("a")
    assert (into / "a").read_bytes() == DATA
    assert "range" not in web.requests[1].headers
    web.routes["b"] = cut(OTHER, 100_000, **headers)
    with pytest.raises(FetchError):
        fetch("b", retries=0)
    assert files(into) == ["a", record.FILE_NAME]


SIZE = len(DATA)


def ranged(start, body, total=SIZE, end=None, **headers):
    told = f"bytes {start}-{start + len(body) - 1 if end is None else end}/{total}"
    return lambda request: [reply(body, 206, Content_Range=told, **headers)]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(serve(DATA, ETag='"two"'), id="changed: the whole comes"),
        pytest.param(lambda request: [reply(DATA)], id="range ignored"),
        pytest.param(ranged(100_000, OTHER[100_000:], ETag='"two"'), id="206 of another entity"),
        pytest.param(ranged(100_000, OTHER[100_000:]), id="206 of who knows what"),
        pytest.param(ranged(100_000, OTHER[100_000:], ETag='W/"one"'), id="206 of one that is much alike"),
        pytest.param(ranged(99_999, OTHER[99_999:], **TAG), id="another offset"),
        pytest.param(ranged(0, OTHER, **TAG), id="from the start"),
        pytest.param(ranged(0, OTHER[: SIZE - 100_000], **TAG), id="from the start, as long as what is missing"),
        pytest.param(ranged(100_000, OTHER[100_000:], end=100_009, **TAG), id="more than the range"),
        pytest.param(ranged(100_000, OTHER[100_000:], total=len(DATA) + 1, **TAG), id="another total"),
        pytest.param(ranged(100_000, OTHER[100_000:], total="*", **TAG), id="total not told"),
        pytest.param(ranged(100_000, OTHER[100_000:-5], end=len(DATA) - 1, **TAG), id="length is not the range's"),
        pytest.param(ranged(100_000, OTHER[100_000:], Content_Encoding="gzip", **TAG), id="another coding"),
        pytest.param(lambda request: [reply(OTHER[100_000:], 206, **TAG)], id="no range told"),
        pytest.param(
            lambda request: [reply(b"--x", 206, Content_Type="multipart/byteranges; boundary=x", **TAG)], id="multipart"
        ),
        pytest.param(lambda request: [reply(b"", 416, Content_Range=f"bytes */{len(DATA)}")], id="unsatisfiable"),
        pytest.param(redirect("/elsewhere"), id="from elsewhere"),
    ],
)
def test_parts_of_other_things_are_never_put_together(web, fetch, into, second):
    web.routes["a"] = [cut(DATA, 100_000, **TAG), second, lambda request: [reply(DATA, **TAG)]]
    web.routes["elsewhere"] = ranged(100_000, OTHER[100_000:], **TAG)
    (got,) = fetch("a")
    assert got.sha256 == DIGEST
    assert (into / "a").read_bytes() == DATA
    assert record.load(str(into))[0].size == len(DATA)


def test_a_signed_query_may_differ_from_redirect_to_redirect(web, fetch):
    web.routes["a"] = [redirect("/b?sig=1"), redirect("/b?sig=2")]
    web.routes |= {"b?sig=1": cut(DATA, 100_000, **TAG), "b?sig=2": serve(DATA, **TAG)}
    assert fetch("a")[0].sha256 == DIGEST
    assert web.requests[3].headers["range"] == "bytes=100000-"


def test_a_part_that_is_itself_cut_is_gone_on_with(web, fetch):
    web.routes["a"] = [
        cut(DATA, 100_000, **TAG),
        ranged(100_000, DATA[100_000:150_000], **TAG),
        lambda request: [
            reply(
                DATA[150_000:180_000],
                206,
                length=len(DATA) - 150_000,
                Content_Range=f"bytes 150000-{len(DATA) - 1}/{len(DATA)}",
                **TAG,
            )
        ],
        serve(DATA, **TAG),
    ]
    assert fetch("a")[0].sha256 == DIGEST
    assert [request.headers.get("range") for request in web.requests] == [
        None,
        "bytes=100000-",
        "bytes=150000-",
        "bytes=180000-",
    ]


def leave_part(web, fetch):
    web.routes["a"] = cut(DATA, 100_000, **TAG)
    with pytest.raises(FetchError):
        fetch("a", retries=0)
    web.requests.clear()
    web.routes["a"] = serve(DATA, **TAG)


@pytest.mark.parametrize(
    "state", [b"", b"{", b"[]", b'{"format": "data-sbom-part/2"}', b"\xff", b"null", None], ids=repr
)
def test_a_part_without_a_sound_state_is_thrown_away(web, fetch, into, state):
    leave_part(web, fetch)
    if state is None:
        (into / f"{PART}.json").unlink()
    else:
        (into / f"{PART}.json").write_bytes(state)
    assert fetch("a")[0].sha256 == DIGEST
    assert "range" not in web.requests[0].headers


@pytest.mark.parametrize(
    "change",
    [
        {"validator": 'a"\r\nEvil: yes'},
        {"validator": None},
        {"total": "1"},
        {"etag": 1},
        {"identity": "0"},
        {"place": None},
    ],
)
def test_a_state_that_was_written_by_somebody_else_is_not_used(web, fetch, into, change):
    leave_part(web, fetch)
    path = into / f"{PART}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert fetch("a")[0].sha256 == DIGEST
    assert "range" not in web.requests[0].headers


def test_a_part_of_another_url_is_not_used(web, fetch):
    leave_part(web, fetch)
    web.routes["other/a"] = serve(DATA, **TAG)
    assert fetch("other/a")[0].sha256 == DIGEST
    assert "range" not in web.requests[0].headers


@pytest.mark.parametrize("size", [0, len(DATA), len(DATA) + 5])
def test_a_part_of_a_size_that_cannot_be_is_not_used(web, fetch, into, size):
    leave_part(web, fetch)
    (into / PART).write_bytes(b"x" * size)
    assert fetch("a")[0].sha256 == DIGEST
    assert "range" not in web.requests[0].headers


def test_a_part_that_was_changed_is_caught_by_a_pin(web, fetch, into):
    leave_part(web, fetch)
    (into / PART).write_bytes(OTHER[:100_000])
    with pytest.raises(PinError) as caught:
        fetch("a", pins=[DIGEST])
    assert "earlier run" in caught.value.hint
    assert files(into) == []
    assert fetch("a", pins=[DIGEST])[0].sha256 == DIGEST


def test_a_part_that_is_another_name_of_a_file_does_not_change_that_file(web, fetch, into, tmp_path):
    leave_part(web, fetch)
    precious = tmp_path / "precious"
    precious.write_bytes(b"mine" * 1000)
    (into / PART).unlink()
    os.link(precious, into / PART)
    assert fetch("a")[0].sha256 == DIGEST
    assert precious.read_bytes() == b"mine" * 1000


def test_a_part_that_is_a_link_is_not_written_through(web, fetch, into, tmp_path):
    into.mkdir()
    precious = tmp_path / "precious"
    precious.write_bytes(b"mine")
    (into / PART).symlink_to(precious)
    web.routes["a"] = serve(DATA)
    with pytest.raises(OutputError):
        fetch("a")
    assert precious.read_bytes() == b"mine"


def test_a_part_that_is_a_pipe_is_not_waited_for(web, fetch, into):
    into.mkdir()
    os.mkfifo(into / PART)
    web.routes["a"] = serve(DATA)
    assert fetch("a")[0].sha256 == DIGEST


def test_two_at_once_do_not_mix(web, fetch, into):
    leave_part(web, fetch)
    with (into / PART).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(UndecidedError, match="by another process"):
            fetch("a")
        assert (into / PART).stat().st_size == 100_000


# --- what must not be kept ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, TAG])
def test_a_file_that_is_not_what_was_pinned_is_not_left_in_place(web, fetch, into, headers):
    web.routes["a"] = serve(OTHER, **headers)
    with pytest.raises(PinError, match="is not what was pinned") as caught:
        fetch("a", pins=[DIGEST])
    assert caught.value.exit_code == 1
    assert DIGEST in str(caught.value)
    assert hashlib.sha256(OTHER).hexdigest() in str(caught.value)
    assert not into.exists()


def test_a_wrong_file_does_not_replace_a_right_one(web, fetch, into):
    web.routes["a"] = [serve(DATA), serve(OTHER)]
    fetch("a")
    before = (into / record.FILE_NAME).read_bytes()
    with pytest.raises(PinError):
        fetch("a", pins=[hashlib.sha256(b"else").hexdigest()], force=True)
    assert (into / "a").read_bytes() == DATA
    assert (into / record.FILE_NAME).read_bytes() == before


@pytest.mark.parametrize(
    "route", [serve(DATA, **TAG), lambda request: [reply(DATA, length=False, **TAG)], cut(DATA, 5, **TAG)]
)
def test_too_large_a_file_leaves_nothing(web, fetch, into, route):
    web.routes["a"] = route
    with pytest.raises(LimitError):
        fetch("a", max_size=len(DATA) - 1)
    assert not into.exists()


def test_a_resumed_file_does_not_exceed_the_limit_either(web, fetch, into):
    leave_part(web, fetch)
    with pytest.raises(LimitError):
        fetch("a", max_size=150_000)
    assert files(into) == []


def test_an_interrupted_download_leaves_what_can_be_resumed_only(web, fetch, into):
    def stop(done, total):
        raise KeyboardInterrupt

    web.routes |= {"a": serve(DATA, **TAG), "b": serve(DATA)}
    with pytest.raises(KeyboardInterrupt):
        fetch("b", progress=stop)
    assert not into.exists()
    with pytest.raises(KeyboardInterrupt):
        fetch("a", progress=stop)
    assert files(into) == [PART, f"{PART}.json"]
    assert fetch("a")[0].sha256 == DIGEST


def test_a_full_disk_is_told(web, fetch, into, monkeypatch):
    def full(self, chunk):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(part.Part, "write", full)
    web.routes["a"] = serve(DATA)
    with pytest.raises(OutputError, match="No space left"):
        fetch("a")
    assert not into.exists()


@pytest.mark.usefixtures("only_here")
def test_a_refused_redirect_leaves_nothing(web, fetch, into):
    web.routes["a"] = redirect("http://169.254.169.254/")
    with pytest.raises(RedirectRefusedError):
        fetch("a", allow_private=False)
    assert not into.exists()


# --- what is there already ----------------------------------------------------------------------------------------------


def test_what_was_fetched_is_not_fetched_again(web, fetch, into):
    web.routes["a"] = serve(DATA)
    fetch("a")
    web.requests.clear()
    (again,) = fetch("a")
    (pinned,) = fetch("a", pins=[DIGEST])
    assert again.already
    assert pinned.already
    assert web.requests == []


def test_a_pinned_file_that_is_there_needs_no_network(web, fetch, into):
    into.mkdir()
    (into / "a").write_bytes(DATA)
    (got,) = fetch("a", pins=[DIGEST])
    assert (got.already, got.retrieval) == (True, None)
    assert web.requests == []


@pytest.mark.parametrize("pins", [[], [hashlib.sha256(b"x").hexdigest()]])
def test_another_file_is_not_replaced(web, fetch, into, pins):
    into.mkdir()
    (into / "a").write_bytes(b"mine")
    web.routes |= {"a": serve(DATA), "b": serve(DATA)}
    with pytest.raises(UsageError, match="is there already") as caught:
        fetch("b", "a", pins=[DIGEST, *pins] if pins else [])
    assert "--force" in caught.value.hint
    assert (files(into), web.requests) == (["a"], [])
    assert (into / "a").read_bytes() == b"mine"


def test_a_fetched_file_that_was_changed_is_another_file(web, fetch, into):
    web.routes["a"] = serve(DATA)
    fetch("a")
    (into / "a").write_bytes(b"edited")
    with pytest.raises(UsageError, match="no record says"):
        fetch("a")
    assert fetch("a", force=True)[0].sha256 == DIGEST
    assert (into / "a").read_bytes() == DATA


def test_force_replaces_and_records(web, fetch, into):
    web.routes["a"] = [serve(DATA), serve(OTHER)]
    fetch("a")
    fetch("a", force=True)
    assert (into / "a").read_bytes() == OTHER
    assert [one.sha256 for one in record.load(str(into))] == [hashlib.sha256(OTHER).hexdigest()]


@pytest.mark.parametrize("force", [False, True])
def test_links_and_directories_are_never_replaced(web, fetch, into, tmp_path, force):
    into.mkdir()
    (into / "a").symlink_to(tmp_path / "elsewhere")
    (into / "b").mkdir()
    for name in ("a", "b"):
        with pytest.raises(UsageError):
            fetch(name, force=force)
    assert web.requests == []


def test_a_file_that_appears_meanwhile_is_not_replaced(web, fetch, into):
    def appear(request):
        (into / "a").write_bytes(b"mine")
        return [reply(DATA)]

    web.routes["a"] = appear
    with pytest.raises(UsageError, match="appeared meanwhile"):
        fetch("a")
    assert (files(into), (into / "a").read_bytes()) == (["a"], b"mine")


@pytest.mark.parametrize("there", [False, True])
def test_file_systems_without_hard_links(web, fetch, into, monkeypatch, there):
    def no_link(*args, **kwargs):
        if there:
            (into / "a").write_bytes(b"mine")
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_link)
    web.routes["a"] = serve(DATA)
    if there:
        with pytest.raises(UsageError, match="appeared meanwhile"):
            fetch("a")
    else:
        assert fetch("a")[0].sha256 == DIGEST
        assert files(into) == ["a", record.FILE_NAME]


def test_a_foreign_record_stops_it_before_anything_is_downloaded(web, fetch, into):
    into.mkdir()
    (into / record.FILE_NAME).write_text("{}")
    with pytest.raises(UsageError, match="no retrieval record"):
        fetch("a")
    assert web.requests == []


def test_a_record_that_cannot_be_written_is_told(web, fetch, monkeypatch):
    def fail(directory, retrieval):
        raise OutputError("cannot be written: No space left on device", path="x")

    monkeypatch.setattr(record, "add", fail)
    web.routes["a"] = serve(DATA)
    with pytest.raises(OutputError, match="the retrieval record cannot be written"):
        fetch("a")


def test_a_directory_that_cannot_be_made(web, fetch, into):
    into.write_bytes(b"a file")
    with pytest.raises(UsageError, match="cannot be made a directory"):
        fetch("a")


def test_files_that_came_before_an_error_stay(web, fetch, into):
    web.routes["a"] = serve(DATA)
    with pytest.raises(FetchError):
        fetch("a", "gone")
    assert files(into) == ["a", record.FILE_NAME]


def test_doubts_are_told(web, fetch):
    web.routes |= {"a": lambda request: [reply(DATA, length=False)], "b": serve(b"\x1f\x8b", Content_Encoding="gzip")}
    one, two = fetch("a", "b")
    assert "did not say how long" in one.warnings[0]
    assert "coding gzip" in two.warnings[0]
    assert two.retrieval.content_encoding == "gzip"
    assert two.sha256 == hashlib.sha256(b"\x1f\x8b").hexdigest()
