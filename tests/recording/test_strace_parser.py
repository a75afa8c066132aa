"""Lines of strace's log → events: each call, each way to hide from them, and what cannot be understood."""

from __future__ import annotations

import os

import pytest

from sbom.recording import strace_parser
from sbom.recording.events import NETWORK
from sbom.recording.strace_parser import Parser


def x(text: str) -> str:
    """Write a text as strace -xx does."""
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(text))


def opened(path: str, flags: str = "O_RDONLY|O_CLOEXEC", pid: int = 1, name: str | None = None) -> str:
    return f'{pid}  openat(AT_FDCWD<{x("/w")}>, "{x(path if name is None else name)}", {flags}) = 3<{x(path)}>'


START = f'1  execve("{x("/usr/bin/true")}", ["{x("true")}"], 0x1 /* 3 vars */) = 0'
END = "1  +++ exited with 0 +++"
FORK = "1  clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD) = 2"
THREAD = "1  clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES, exit_signal=0} => {parent_tid=[2]}, 88) = 2"
CHILD_END = "2  +++ exited with 0 +++"


def events(*lines: str, whole: bool = False):
    parser = Parser("/w")
    parser.parse([line.encode() for line in (lines if whole else (START, *lines, END))])
    return parser.finish()


def gaps(*lines: str, whole: bool = False) -> list[str]:
    return list(events(*lines, whole=whole).gaps)


def test_a_plain_run_has_no_gaps() -> None:
    found = events(opened("/w/a"), opened("/w/b", "O_WRONLY|O_CREAT|O_TRUNC, 0666"))
    assert found.read == {"/usr/bin/true": "/usr/bin/true", "/w/a": "/w/a"} and list(found.written) == ["/w/b"]
    assert [(one.path, one.words, one.directory) for one in found.programs] == [("/usr/bin/true", ("true",), "/w")]
    assert found.gaps == {}


@pytest.mark.parametrize(
    ("flags", "reads", "writes"),
    [
        ("O_RDONLY", True, False),
        ("O_RDONLY|O_TRUNC", False, True),
        ("O_RDWR", True, True),
        ("O_WRONLY|O_CREAT, 0666", True, True),
        ("O_WRONLY|O_APPEND|O_LARGEFILE", True, True),
        ("O_WRONLY|O_CREAT|O_TRUNC", False, True),
        ("O_RDWR|O_CREAT|O_EXCL, 0600", False, True),
        ("O_RDONLY|O_CREAT, 0600", True, True),
        ("O_RDONLY|O_DIRECTORY", False, False),
        ("O_RDONLY|O_PATH", False, False),
        ("O_RDWR|O_TMPFILE, 0600", False, False),
    ],
)
@pytest.mark.parametrize("call", ["quick", "openat2", "open"])
def test_flags(flags: str, *, reads: bool, writes: bool, call: str) -> None:
    line = opened("/w/f", flags)
    if call == "openat2":
        inner, _, mode = flags.partition(", ")
        how = f"{{flags={inner}, mode={mode or 0}, resolve=0}}, 24"
        line = f'1  openat2(5<{x("/w")}>, "{x("f")}", {how}) = 3<{x("/w/f")}>'
    elif call == "open":
        line = f'1  open("{x("f")}", {flags}) = 3<{x("/w/f")}>'
    found = events(line)
    assert ("/w/f" in found.read, "/w/f" in found.written) == (reads, writes)
    assert not found.gaps


def test_the_kernel_says_what_was_opened_and_the_program_what_it_called_it() -> None:
    found = events(opened("/data/real", name="link"), f'1  open("{x("../y")}", O_RDONLY) = 3<{x("/z")}>')
    assert found.read["/data/real"] == "/w/link" and found.read["/z"] == "/y"


def test_a_handle_has_no_name_but_the_kernels() -> None:
    line = f"1  open_by_handle_at(4<{x('/w')}>, {{handle_bytes=8}}, O_RDONLY) = 5<{x('/w/h')}>"
    assert "/w/h" in events(line).read


def test_names_cannot_pretend_to_be_the_log() -> None:
    evil = '/w/a", O_RDONLY) = 3</x>\n1  openat(AT_FDCWD</w>, "/etc/passwd", O_RDONLY) = 3</w/other>'
    found = events(opened(evil), opened("/w/\udcff\x00"[:4]), opened('/w/"'), opened("/w/ <unfinished ...>"))
    assert {evil, "/w/\udcff", '/w/"', "/w/ <unfinished ...>"} <= set(found.read)
    assert not found.gaps


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "",
        '1  openat(AT_FDCWD<plain>, "plain", O_RDONLY) = 3<plain>',
        "\0\0\0\0" + opened("/w/a"),
        f") = 3<{x('/w/a')}>",
        "1  +++ exited with zero +++",
        opened("/w/a").replace("\\x77", "\\x7"),
        opened("/w/a").replace("\\x77", "xx"),
        opened("/w/a", name="a").replace('\\x61"', '6"'),
        '1  rename("6", "\\x") = 0',
    ],
)
def test_what_is_not_understood_is_a_gap(line: str) -> None:
    assert any("not understood" in gap for gap in gaps(line))


@pytest.mark.parametrize("rest", [f") = 3<{x('/w/a')}>", f"|O_CLOEXEC)    = 3<{x('/w/a')}>"])
def test_calls_in_two_halves_are_put_together(rest: str) -> None:
    half = f'1  openat(AT_FDCWD<{x("/w")}>, "{x("/w/a")}", O_RDONLY <unfinished ...>'
    found = events(FORK, half, CHILD_END, rest)
    assert "/w/a" in found.read and not found.gaps


def test_a_half_whose_call_failed_is_forgotten() -> None:
    half = '{}  openat(AT_FDCWD<{}>, "{}", O_RDONLY <unfinished ...>'
    lost, good = half.format(1, x("/w"), x("/w/none")), half.format(2, x("/w"), x("/w/a"))
    rest = f") = 3<{x('/w/a')}>"
    for after in (opened("/w/b"), f'1  rename("{x("/w/c")}", "{x("/w/d")}") = 0'):
        assert not gaps(FORK, lost, after, good, rest, CHILD_END)
    assert not gaps(FORK, good, CHILD_END, lost.replace("none", "a"), rest)
    # When nobody can know whose half it is, nothing is guessed.
    assert any("not understood" in gap for gap in gaps(FORK, lost, good, rest, CHILD_END))


def test_the_log_must_tell_of_every_end() -> None:
    assert "a process was not watched to its end" in gaps(START, whole=True)
    assert "a process was not watched to its end" in gaps(FORK, opened("/w/a", pid=2))
    assert "a process was not watched to its end" in gaps(whole=True)
    assert not gaps(
        START, "1  --- SIGTERM {si_signo=SIGTERM, si_pid=1} ---", "1  +++ killed by SIGTERM +++", whole=True
    )
    assert not gaps("1  --- stopped by SIGSTOP ---", FORK, "2  +++ killed by SIGSEGV (core dumped) +++")


@pytest.mark.parametrize(
    "call",
    [
        "io_uring_setup(8, {flags=0}) = 3<x>".replace("<x>", f"<{x('anon_inode:[io_uring]')}>"),
        "ptrace(PTRACE_SEIZE, 7, NULL, 0) = 0",
        "process_vm_readv(7, [], 1, [], 1, 0) = 10",
        "setns(3, 0) = 0",
        f'mount("{x("a")}", "{x("b")}", NULL, MS_BIND, NULL) = 0',
        f'chroot("{x("/x")}") = 0',
        "socketcall(1, [2]) = 0",
        "ipc(1, 2) = 0",
        "unshare(CLONE_NEWNS) = 0",
        "clone(child_stack=NULL, flags=CLONE_UNTRACED|SIGCHLD) = 1",
        "clone(child_stack=NULL, flags=CLONE_NEWUSER|SIGCHLD) = 1",
        "shmget(0x5, 10, 0600) = 1",
        "msgget(0x5, 0600) = 1",
        f'mq_open("{x("q")}", O_RDONLY) = 3',
        "seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, 0x1) = 5",
        f'openat(AT_FDCWD<{x("/w")}>, "{x("a")}", O_RDONLY) = 3',
        f'openat(AT_FDCWD<{x("/w")}>, "{x("a")}", O_RDONLY) = 3<{x("(unreachable)/a")}>',
        f'rename("{x("a" * 9)}"..., "{x("b")}") = 0',
        "socket(AF_PACKET, SOCK_RAW, 768) = 3",
        "socket(AF_VSOCK, SOCK_STREAM, 0) = 3",
        f"connect(3<{x('socket:[1]')}>, {{sa_family=AF_VSOCK, svm_cid=1}}, 16) = 0",
    ],
)
def test_ways_to_escape_are_gaps(call: str) -> None:
    assert len(gaps(f"1  {call}")) == 1


@pytest.mark.parametrize(
    "call",
    [
        "shmget(IPC_PRIVATE, 10, 0600) = 1",
        "msgget(0x0, 0600) = 1",
        "unshare(CLONE_FILES) = 0",
        "unshare(CLONE_FS) = 0",
        "seccomp(SECCOMP_SET_MODE_FILTER, 0, 0x1) = 0",
        f"socket(AF_UNIX, SOCK_STREAM, 0) = 3<{x('socket:[1]')}>",
        "socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) = 3",
        f"connect(3<{x('socket:[1]')}>, {{sa_family=AF_UNSPEC}}, 16) = 0",
        f'connect(3<{x("socket:[1]")}>, {{sa_family=AF_UNIX, sun_path="{x("/var/run/nscd/socket")}"}}, 110) = 0',
        f"listen(3<{x('socket:[1]')}>, 1) = 0",
        f'openat(AT_FDCWD<{x("/w")}>, "{x("p")}", O_RDONLY) = 3<{x("pipe:[12]")}>',
    ],
)
def test_what_gives_no_data_is_none(call: str) -> None:
    assert not gaps(f"1  {call}")


class TestNetwork:
    SOCKET = f"1  socket(AF_INET6, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3<{x('socket:[7]')}>"
    BIND = (
        f"1  bind(3<{x('socket:[7]')}>, {{sa_family=AF_INET6, sin6_port=htons(0), sin6_flowinfo=htonl(0), "
        f'inet_pton(AF_INET6, "{x("::1")}", &sin6_addr), sin6_scope_id=0}}, 28) = 0'
    )
    BIND4 = (
        f"1  bind(3<{x('socket:[7]')}>, {{sa_family=AF_INET, sin_port=htons(0), "
        f'sin_addr=inet_addr("{x("127.0.0.1")}")}}, 16) = 0'
    )

    def test_a_socket_may_be_connecting_and_nothing_tells(self) -> None:
        assert gaps(self.SOCKET) == [NETWORK]

    @pytest.mark.parametrize("bind", [BIND, BIND4])
    def test_trying_out_what_the_machine_knows_is_no_use(self, bind: str) -> None:
        assert gaps(self.SOCKET, bind) == []

    def test_a_port_of_the_machine_that_others_can_reach(self) -> None:
        assert gaps(self.SOCKET, self.BIND.replace("htons(0)", "htons(80)")) == [NETWORK]
        assert gaps(self.SOCKET, self.BIND.replace(x("::1"), x("::"))) == [NETWORK]
        assert gaps(self.SOCKET, self.BIND, f"1  listen(3<{x('socket:[7]')}>, 5) = 0") == [NETWORK]
        assert gaps(self.SOCKET, self.BIND, "1  listen(3, 5) = 0") == [NETWORK]

    def test_a_connection(self) -> None:
        line = f"1  connect(3<{x('socket:[7]')}>, {{sa_family=AF_INET, sin_port=htons(80)}}, 16) = 0"
        assert gaps(self.SOCKET, self.BIND, line) == [NETWORK]

    def test_datagrams_need_no_connection(self) -> None:
        assert gaps(f"1  socket(AF_INET, SOCK_DGRAM, 0) = 3<{x('socket:[7]')}>") == [NETWORK]

    @pytest.mark.parametrize(("name", "shown"), [("@x", "@x"), ("/w/service", "/w/service"), ("service", "/w/service")])
    def test_another_program(self, name: str, shown: str) -> None:
        path = f'sun_path=@"{x(name[1:])}"' if name.startswith("@") else f'sun_path="{x(name)}"'
        line = f"1  CALL(3<{x('socket:[7]')}>, {{sa_family=AF_UNIX, {path}}}, 110) = 0"
        assert gaps(line.replace("CALL", "connect")) == [f"it talked to another program: {shown}"]
        assert gaps(line.replace("CALL", "bind"), line.replace("CALL", "connect")) == []


class TestNames:
    """Real directories: what is relative, and what is a link, is asked of the system."""

    def test_relative_to_descriptor_and_directory(self) -> None:
        found = events(f'1  renameat2(4<{x("/w/in")}>, "{x("a")}", AT_FDCWD<{x("/w")}>, "{x("b")}", 0) = 0')
        assert list(found.written) == ["/w/in/a", "/w/b"] and found.moved == {"/w/b": "/w/in/a"}
        found = events(f'1  rename("{x("a")}", "{x("/w/b")}") = 0')
        assert found.moved == {"/w/b": "/w/a"}

    def test_directories_that_are_links_are_followed(self, tmp_path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to("real")
        (tmp_path / "file").symlink_to("real/f")
        real, link = str(tmp_path / "real"), str(tmp_path / "link")
        found = events(f'1  rename("{x(link + "/a")}", "{x(link + "/b")}") = 0')
        assert found.moved == {f"{real}/b": f"{real}/a"}
        found = events(f'1  truncate("{x(str(tmp_path / "file"))}", 0) = 0')
        assert f"{real}/f" in found.written and f"{real}/f" in found.read
        found = events(f'1  rename("{x(link + "/.")}", "{x(link + "/../c")}") = 0')
        assert found.moved == {str(tmp_path / "c"): real}

    def test_links_exchanges_and_creations(self) -> None:
        found = events(
            f'1  linkat(AT_FDCWD<{x("/w")}>, "{x("a")}", AT_FDCWD<{x("/w")}>, "{x("b")}", 0) = 0',
            f'1  symlinkat("{x("/etc/passwd")}", AT_FDCWD<{x("/w")}>, "{x("s")}") = 0',
            f'1  creat("{x("/w/c")}", 0666) = 3<{x("/w/c")}>',
            f'1  creat("{x("d")}", 0666) = 3',
            f'1  renameat2(AT_FDCWD<{x("/w")}>, "{x("e")}", AT_FDCWD<{x("/w")}>, "{x("f")}", RENAME_EXCHANGE) = 0',
        )
        assert list(found.linked) == ["/w/a"]
        assert {"/w/b", "/w/s", "/w/c", "/w/d", "/w/e", "/w/f"} == set(found.written)
        assert found.moved == {"/w/e": "/w/f", "/w/f": "/w/e"}
        assert not any("passwd" in path for path in (*found.read, *found.written))

    def test_older_versions_say_in_the_name_that_a_file_was_deleted(self) -> None:
        assert {"/w/a", "/w/a (deleted)"} <= set(events(opened("/w/a (deleted)")).read)


class TestDirectories:
    RENAME = '{}  rename("' + x("a") + '", "' + x("b") + '") = 0'

    def test_a_change_moves_relative_names(self, tmp_path) -> None:
        found = events(f'1  chdir("{x(str(tmp_path))}") = 0', self.RENAME.format(1))
        assert found.moved == {f"{tmp_path}/b": f"{tmp_path}/a"}
        found = events(f"1  fchdir(3<{x('/q')}>) = 0", self.RENAME.format(1))
        assert found.moved == {"/q/b": "/q/a"}

    @pytest.mark.parametrize(("start", "where"), [(FORK, "/w"), (THREAD, "/q")])
    def test_threads_share_it_and_processes_do_not(self, start: str, where: str) -> None:
        found = events(start, f"1  fchdir(3<{x('/q')}>) = 0", self.RENAME.format(2), CHILD_END)
        assert found.moved == {f"{where}/b": f"{where}/a"}

    def test_the_line_that_says_who_started_a_process_may_come_late(self) -> None:
        found = events(
            f"1  fchdir(3<{x('/q')}>) = 0",
            self.RENAME.format(2),
            FORK,
            self.RENAME.format(2).replace("61", "63"),
            CHILD_END,
        )
        assert found.moved["/q/b"] == "/q/c" and "/q/a" in found.written
        assert not found.gaps

    def test_a_change_waits_behind_what_waits(self) -> None:
        found = events(
            f"1  fchdir(3<{x('/q')}>) = 0", self.RENAME.format(2), f"2  fchdir(3<{x('/r')}>) = 0", FORK, CHILD_END
        )
        assert found.moved == {"/q/b": "/q/a"} and not found.gaps

    def test_children_of_children(self) -> None:
        inner = "2  clone(child_stack=NULL, flags=SIGCHLD) = 3"
        found = events(
            f"1  fchdir(3<{x('/q')}>) = 0", self.RENAME.format(3), inner, FORK, CHILD_END, "3  +++ exited with 0 +++"
        )
        assert found.moved == {"/q/b": "/q/a"} and not found.gaps

    def test_nobody_says(self) -> None:
        found = events(f"1  fchdir(3<{x('/q')}>) = 0", self.RENAME.format(2), CHILD_END)
        assert found.moved == {"/w/b": "/w/a"} and "the directory of a process is not known" in found.gaps

    def test_too_many_wait(self, monkeypatch) -> None:
        monkeypatch.setattr(strace_parser, "_MAX_WAITING", 1)
        lines = [self.RENAME.format(2)] * 3
        assert "the directory of a process is not known" in gaps(
            f"1  fchdir(3<{x('/q')}>) = 0", *lines, FORK, CHILD_END
        )

    def test_a_thread_that_executes_takes_the_number_of_its_process(self) -> None:
        found = events(
            THREAD, opened("/w/a", pid=2), f"2  fchdir(3<{x('/q')}>) = 0", "1  +++ superseded by execve in pid 2 +++",
            self.RENAME.format(1),
        )  # fmt: skip
        assert found.moved == {"/q/b": "/q/a"}
        assert list(found.gaps) == ["a thread executed a program, and the log does not say which"]
