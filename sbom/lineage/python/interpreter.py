"""The parts of the reader put together: a machine that runs a program on what is known of its values."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sbom.lineage.interface import MAX_SCRIPTS, ScriptError
from sbom.lineage.python import (
    apis,
    assignment,
    attributes,
    calls,
    definitions,
    expressions,
    modules,
    operators,
    statements,
    texts,
)
from sbom.lineage.python.library import FUNCTIONS, WRAPPERS
from sbom.lineage.python.machine import BUDGET, MAX_DEPTH, BudgetError, Machine, Module
from sbom.lineage.python.methods import containers
from sbom.lineage.python.values import UNKNOWN, Object, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sbom.lineage.python.machine import Flow, Frame, Given
    from sbom.lineage.python.values import External, Value

_DEEP = "is not read to its end: calls or expressions are nested too deep"


class Interpreter(Machine):
    """A machine with all its parts."""

    def run(self, tree: ast.Module) -> None:
        """Run the script itself."""
        self.modules[self.call_read.script] = self.main
        self._run(self.main, tree)
        self.main.done = True

    def _run(self, module: Module, tree: ast.Module) -> None:
        module.doc = ast.get_docstring(tree)
        try:
            self.execute(tree.body, module.frame)
        except RecursionError:
            self.problem(module.path, _DEEP)

    def load(self, path: str, name: str) -> Module:
        """Return a module of the workspace, running it first where that was not done."""
        known = self.modules.get(path)
        if known is not None:
            return known
        module = Module(path, name)
        self.modules[path] = module
        if len(self.modules) > MAX_SCRIPTS:
            self.problem(path, "is not read: too many modules")
            return module
        self.found.scripts.append(path)
        try:
            tree = modules.parse(self.workspace.text(path))
        except ScriptError as error:
            self.problem(path, str(error))
        else:
            self._run(module, tree)
        module.done = True
        return module

    def evaluate(self, node: ast.expr, frame: Frame) -> Value:
        """Return the value of an expression."""
        self.step()
        if self.depth >= MAX_DEPTH:
            return UNKNOWN
        self.depth += 1
        try:
            return expressions.evaluate(self, node, frame)
        finally:
            self.depth -= 1

    def execute(self, block: Sequence[ast.stmt], frame: Frame) -> Flow:
        """Run statements."""
        return statements.execute(self, block, frame)

    def assign(self, target: ast.expr, value: Value, frame: Frame) -> None:
        """Give a value to a name, an attribute, an item or several of them."""
        assignment.assign(self, target, value, frame)

    def arguments(self, node: ast.Call, frame: Frame) -> Given:
        """Evaluate the arguments of a call."""
        return expressions.arguments(self, node, frame)

    def call(self, function: Value, given: Given) -> Value:
        """Return what a call gives, having noted what it does."""
        self.step()
        return calls.call(self, function, given)

    def call_external(self, function: External, given: Given) -> Value:
        """Return what a call of something outside of the workspace gives."""
        modelled = FUNCTIONS.get(function.trail)
        if modelled is not None:
            return modelled(self, given)
        known = apis.apply(self, function.trail, given)
        calls.call_back(self, function.trail, given, known=known)
        return function.called()

    def wrap(self, trail: str, function: Value, given: Given | None) -> Value:
        """Return what a decorator of a library makes of a function; ``None`` when nothing is known of it."""
        wrapper = WRAPPERS.get(trail)
        return None if wrapper is None else wrapper(self, function, given)

    def attribute(self, value: Value, name: str) -> Value:
        """Return an attribute."""
        return attributes.attribute(self, value, name)

    def set_attribute(self, value: Value, name: str, new: Value) -> None:
        """Set an attribute."""
        attributes.set_attribute(self, value, name, new)

    def set_item(self, value: Value, index: Value, new: Value) -> None:
        """Set an item."""
        attributes.set_item(self, value, index, new)

    def store(self, names: dict[str, Value], name: str, value: Value) -> None:
        """Set a name of something that lives longer than a branch."""
        statements.store(self, names, name, value)

    def iterate(self, value: Value) -> tuple[list[Value], bool]:
        """Return the items of a value, and whether there are exactly these."""
        return containers.iterate(self, value)

    def truth(self, value: Value) -> bool | None:
        """Tell whether a value counts as true; ``None`` when that is not known."""
        return operators.truth(value)

    def as_text(self, value: Value) -> Text:
        """Return what ``str`` makes of a value."""
        if isinstance(value, Object):
            for name in ("__fspath__", "__str__"):
                made = definitions.special(self, value, name, self.main.frame)
                if isinstance(made, Text):
                    return made
        return texts.text_of(value)


def run(interpreter: Interpreter, tree: ast.Module) -> None:
    """Run a script to its end, or as far as its budget goes."""
    try:
        interpreter.run(tree)
    except BudgetError:
        interpreter.problem(interpreter.call_read.script, BUDGET)
