"""The machine that reads a program: what it has found, what it may still do, and what its parts may ask of it.

Reading a program is running it on what is known of its values, without doing anything: see
:mod:`sbom.lineage.python.interpreter` for the parts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from sbom.lineage.interface import Found
from sbom.lineage.python.modules import Finder
from sbom.lineage.python.texts import text
from sbom.lineage.python.values import Text, Thing, texts

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from sbom.lineage.interface import Call, Workspace
    from sbom.lineage.python.values import External, Value

#: Expressions and statements that reading one script may look at, imported modules and repetitions included.
MAX_STEPS = 200_000
#: Expressions within expressions, functions within functions included.
MAX_DEPTH = 150
MAX_EVENTS = 5_000
BUDGET = "is not read to its end: it takes too many steps"


class BudgetError(Exception):
    """A program takes more steps than it is given."""


class Flow(Enum):
    """How a block ends; ``DIED``: by an exception, or the end of the program."""

    NEXT = 0
    BREAK = 1
    CONTINUE = 2
    RETURN = 3
    DIED = 4


class Effect(Enum):
    """What an access does."""

    READ = "read"
    WRITE = "write"
    READ_DIRECTORY = "read-directory"
    WRITE_DIRECTORY = "write-directory"
    MAKE_DIRECTORY = "make-directory"
    REMOVE = "remove"
    MOVE = "move"
    DATABASE = "database"
    CONFIGURATION = "configuration"


class Event(NamedTuple):
    """One access, in the order of the run.

    :ivar directory: the working directory, relative to the workspace.
    :ivar looped: it comes from a loop over several known values.
    """

    effect: Effect
    name: Text
    where: str
    directory: str
    looped: bool = False


@dataclass(eq=False, slots=True)
class Module(Thing):
    """A module of the workspace; ``name`` is ``__main__`` for the script itself.

    :ivar lines: for each line of its text, which line of the file it is said to stand at, where that differs.
    """

    path: str
    name: str
    first_line: int = 1
    frame: Frame = field(init=False)
    lines: Sequence[int] = ()
    done: bool = False
    doc: str | None = None

    def __post_init__(self) -> None:
        """Make its global names."""
        self.frame = Frame(self)

    def where(self, line: int) -> str:
        """Return a line of it as file and line."""
        if self.lines:
            return f"{self.path}:{self.lines[min(line, len(self.lines)) - 1]}"
        return f"{self.path}:{line + self.first_line - 1}"


@dataclass(eq=False, slots=True)
class Frame:
    """The names of a function, class or module while it runs.

    :ivar outer: where names are looked up that it does not have.
    :ivar returned: what it may return; ``yielded``: what it yields.
    :ivar exits: names as they were where a loop was left.
    """

    module: Module
    outer: Frame | None = None
    names: dict[str, Value] = field(default_factory=dict)
    global_names: set[str] = field(default_factory=set)
    outer_names: set[str] = field(default_factory=set)
    returned: list[Value] = field(default_factory=list)
    yielded: list[Value] = field(default_factory=list)
    exits: list[dict[str, Value]] = field(default_factory=list)
    is_class: bool = False
    function: object = None

    def find(self, name: str) -> Frame | None:
        """Return the frame that has a name, from here outwards; classes around a function are left out."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.names and (frame is self or not frame.is_class):
                return frame
            frame = frame.outer
        return None


@dataclass(slots=True)
class Given:
    """What a function is called with.

    :ivar rest: there may be further arguments, which are not known.
    """

    frame: Frame
    where: str
    arguments: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    rest: bool = False

    def has(self, position: int, *names: str) -> bool:
        """Tell whether there is an argument."""
        return 0 <= position < len(self.arguments) or any(name in self.keywords for name in names)

    def get(self, position: int, *names: str, default: Value = None) -> Value:
        """Return an argument by its position (-1: it has none), or one of its names."""
        if 0 <= position < len(self.arguments):
            return self.arguments[position]
        for name in names:
            if name in self.keywords:
                return self.keywords[name]
        return default

    def text(self, position: int, *names: str, default: str | None = None) -> str | None:
        """Return an argument that is a text, where it is known."""
        value = self.get(position, *names)
        return (value.known if isinstance(value, Text) else None) if self.has(position, *names) else default

    def replaced(self, arguments: list[Value]) -> Given:
        """Return the same with other arguments by position."""
        return Given(self.frame, self.where, arguments, self.keywords, self.rest)


class Machine(ABC):
    """One program that is being read.

    :ivar directory: its working directory.
    :ivar words: its arguments.
    :ivar uncertain: how many unknown conditions it is inside of.
    :ivar calls: how many functions of the workspace it is inside of.
    :ivar loops: how many loops over several known values it is inside of.
    :ivar asked: objects whose methods a library has called.
    :ivar stored: configurations that it has given names (``hydra``'s ``ConfigStore``).
    """

    def __init__(self, call: Call, workspace: Workspace) -> None:
        self.call_read = call
        self.workspace = workspace
        self.finder = Finder(workspace, call.directory, call.script)
        self.main = Module(call.script, "__main__", call.first_line)
        self.directory = call.directory
        self.words: list[Value] = [text(word) for word in call.arguments]
        self.environment: dict[str, Value] = {}
        self.events: list[Event] = []
        self.found = Found()
        self.modules: dict[str, Module] = {}
        self.uncertain = 0
        self.depth = 0
        self.calls = 0
        self.loops = 0
        self.asked: dict[int, Value] = {}
        self.stored: dict[str, Value] = {}
        self._steps = 0

    def step(self, amount: int = 1) -> None:
        """Count steps.

        :raises BudgetError: when there were too many.
        """
        self._steps += amount
        if self._steps > MAX_STEPS:
            raise BudgetError(BUDGET)

    @contextmanager
    def doubt(self) -> Iterator[None]:
        """Mark what runs meanwhile as uncertain to run."""
        self.uncertain += 1
        try:
            yield
        finally:
            self.uncertain -= 1

    @contextmanager
    def loop(self, rounds: int) -> Iterator[None]:
        """Mark what runs meanwhile as run once for each of several values, where there are several."""
        several = int(rounds > 1)
        self.loops += several
        try:
            yield
        finally:
            self.loops -= several

    def record(self, effect: Effect, value: Value, where: str) -> None:
        """Note an access of whatever names the value holds."""
        for one in texts(value):
            if len(self.events) >= MAX_EVENTS:
                raise BudgetError(BUDGET)
            self.events.append(Event(effect, one, where, self.directory, self.loops > 0))

    def problem(self, path: str, what: str) -> None:
        """Note what could not be read, once."""
        if (path, what) not in self.found.problems:
            self.found.problems.append((path, what))

    @abstractmethod
    def evaluate(self, node: ast.expr, frame: Frame) -> Value:
        """Return the value of an expression."""

    @abstractmethod
    def execute(self, block: Sequence[ast.stmt], frame: Frame) -> Flow:
        """Run statements."""

    @abstractmethod
    def assign(self, target: ast.expr, value: Value, frame: Frame) -> None:
        """Give a value to a name, an attribute, an item or several of them."""

    @abstractmethod
    def arguments(self, node: ast.Call, frame: Frame) -> Given:
        """Evaluate the arguments of a call."""

    @abstractmethod
    def call(self, function: Value, given: Given) -> Value:
        """Return what a call gives, having noted what it does."""

    @abstractmethod
    def call_external(self, function: External, given: Given) -> Value:
        """Return what a call of something outside of the workspace gives."""

    @abstractmethod
    def wrap(self, trail: str, function: Value, given: Given | None) -> Value:
        """Return what a decorator of a library makes of a function; ``None`` when nothing is known of it."""

    @abstractmethod
    def attribute(self, value: Value, name: str) -> Value:
        """Return an attribute."""

    @abstractmethod
    def set_attribute(self, value: Value, name: str, new: Value) -> None:
        """Set an attribute."""

    @abstractmethod
    def set_item(self, value: Value, index: Value, new: Value) -> None:
        """Set an item."""

    @abstractmethod
    def store(self, names: dict[str, Value], name: str, value: Value) -> None:
        """Set a name of something that lives longer than a branch."""

    @abstractmethod
    def load(self, path: str, name: str) -> Module:
        """Return a module of the workspace, running it first where that was not done."""

    @abstractmethod
    def iterate(self, value: Value) -> tuple[list[Value], bool]:
        """Return the items of a value, and whether there are exactly these; see :mod:`containers`."""

    @abstractmethod
    def truth(self, value: Value) -> bool | None:
        """Tell whether a value counts as true; ``None`` when that is not known."""

    @abstractmethod
    def as_text(self, value: Value) -> Text:
        """Return what ``str`` makes of a value."""
