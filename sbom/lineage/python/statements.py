"""Running statements: one branch where a condition is known, both where it is not."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sbom.lineage.python import definitions, imports
from sbom.lineage.python.machine import Flow
from sbom.lineage.python.operators import binary, compare
from sbom.lineage.python.values import UNKNOWN, External, Items, Object, Table, choice, same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sbom.lineage.python.machine import Frame, Machine
    from sbom.lineage.python.values import Value

_Names = dict[str, "Value"]
_LEAVING = frozenset({"sys.exit()", "builtins.exit()", "builtins.quit()", "os._exit()", "os.abort()"})
#: Rounds of a loop whose end is known.
MAX_ROUNDS = 64


def execute(machine: Machine, block: Sequence[ast.stmt], frame: Frame) -> Flow:
    """Run statements one after the other."""
    for statement in block:
        machine.step()
        handler = _HANDLERS.get(type(statement))
        flow = handler(machine, statement, frame) if handler is not None else Flow.NEXT
        if flow is not Flow.NEXT:
            return flow
    return Flow.NEXT


def merge(several: Sequence[_Names]) -> _Names:
    """Return names with whatever values they have in one of several runs."""
    if len(several) == 1:
        return several[0]
    merged = dict(several[0])
    for names in several[1:]:
        for name, value in names.items():
            if name not in merged:
                merged[name] = value
            elif not same(merged[name], value):
                merged[name] = choice((merged[name], value))
    return merged


def branches(machine: Machine, blocks: Sequence[Sequence[ast.stmt]], frame: Frame) -> Flow:
    """Run several blocks, one of which runs in truth."""
    before = frame.names
    after: list[_Names] = []
    flows: list[Flow] = []
    with machine.doubt():
        for block in blocks:
            frame.names = dict(before)
            flow = machine.execute(block, frame)
            if flow is Flow.NEXT:
                after.append(frame.names)
            else:
                flows.append(flow)
                if flow in {Flow.BREAK, Flow.CONTINUE}:
                    frame.exits.append(frame.names)
    if after:
        frame.names = merge(after)
        return Flow.NEXT
    frame.names = before
    return _weakest(flows)


def _weakest(flows: Sequence[Flow]) -> Flow:
    for flow in (Flow.CONTINUE, Flow.BREAK, Flow.RETURN):
        if flow in flows:
            return flow
    return Flow.DIED


def _if(machine: Machine, node: ast.If, frame: Frame) -> Flow:
    known = machine.truth(machine.evaluate(node.test, frame))
    if known is None:
        return branches(machine, (node.body, node.orelse), frame)
    chosen, other = (node.body, node.orelse) if known else (node.orelse, node.body)
    before = dict(frame.names)
    flow = machine.execute(chosen, frame)
    if flow is not Flow.DIED:
        return flow
    # A run that fails is of no interest: it is the other branch that somebody wanted.
    frame.names = before
    return machine.execute(other, frame)


def _changing(body: Sequence[ast.stmt]) -> set[str]:
    """Return the names that a loop counts or puts together in: their values differ from round to round."""
    found = set()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
    return found


def _round(machine: Machine, body: Sequence[ast.stmt], frame: Frame) -> Flow:
    """Run the body of a loop once, where it may run never or often."""
    changing = _changing(body)
    machine.step(len(changing))
    for name in changing:
        value = frame.names.get(name)
        if name in frame.names and not isinstance(value, (Items, Table)):
            frame.names[name] = UNKNOWN
    before = dict(frame.names)
    with machine.doubt():
        flow = machine.execute(body, frame)
    frame.names = merge([before, frame.names, *frame.exits])
    frame.exits = []
    return flow


def _for(machine: Machine, node: ast.For | ast.AsyncFor, frame: Frame) -> Flow:
    values, exact = machine.iterate(machine.evaluate(node.iter, frame))
    outer, frame.exits = frame.exits, []
    flow = Flow.NEXT
    with machine.loop(len(values)):
        if exact and len(values) <= MAX_ROUNDS:
            for value in values:
                machine.step()
                machine.assign(node.target, value, frame)
                flow = machine.execute(node.body, frame)
                if flow not in {Flow.NEXT, Flow.CONTINUE}:
                    break
        else:
            for value in values[:MAX_ROUNDS]:
                machine.assign(node.target, value, frame)
                _round(machine, node.body, frame)
    if frame.exits:
        frame.names = merge([frame.names, *frame.exits])
    frame.exits = outer
    if flow in {Flow.RETURN, Flow.DIED}:
        return flow
    return machine.execute(node.orelse, frame) if flow is not Flow.BREAK else Flow.NEXT


def _while(machine: Machine, node: ast.While, frame: Frame) -> Flow:
    known = machine.truth(machine.evaluate(node.test, frame))
    if known is False:
        return machine.execute(node.orelse, frame)
    outer, frame.exits = frame.exits, []
    flow = _round(machine, node.body, frame)
    frame.exits = outer
    return flow if known and flow is Flow.RETURN else Flow.NEXT


def _try(machine: Machine, node: ast.Try, frame: Frame) -> Flow:
    before = dict(frame.names)
    flow = machine.execute(node.body, frame)
    handlers = [_named(machine, handler, frame) for handler in node.handlers]
    if flow is Flow.DIED and handlers:
        flow = branches(machine, handlers, frame)
    elif handlers:
        blocks = [node.orelse if flow is Flow.NEXT else []]
        after = frame.names
        frame.names = merge([before, after])
        caught = branches(machine, handlers, frame)
        others = frame.names
        frame.names = after
        if flow is Flow.NEXT:
            flow = machine.execute(blocks[0], frame)
        if caught is Flow.NEXT:
            frame.names = merge([frame.names, others])
            flow = Flow.NEXT
    elif flow is Flow.NEXT:
        flow = machine.execute(node.orelse, frame)
    last = machine.execute(node.finalbody, frame)
    return flow if last is Flow.NEXT else last


def _named(machine: Machine, handler: ast.ExceptHandler, frame: Frame) -> list[ast.stmt]:
    machine.step()
    if handler.name:
        frame.names[handler.name] = UNKNOWN
    return handler.body


def _with(machine: Machine, node: ast.With | ast.AsyncWith, frame: Frame) -> Flow:
    managers = []
    for item in node.items:
        value = machine.evaluate(item.context_expr, frame)
        managers.append(value)
        entered = definitions.special(machine, value, "__enter__", frame)
        if item.optional_vars is not None:
            machine.assign(item.optional_vars, value if entered is None else entered, frame)
    flow = machine.execute(node.body, frame)
    for value in managers:
        if isinstance(value, Object):
            definitions.special(machine, value, "__exit__", frame)
    return flow


def _match(machine: Machine, node: ast.Match, frame: Frame) -> Flow:
    subject = machine.evaluate(node.subject, frame)
    blocks: list[Sequence[ast.stmt]] = []
    for case in node.cases:
        known = _matches(machine, case.pattern, subject, frame)
        if case.guard is not None and known:
            known = machine.truth(machine.evaluate(case.guard, frame))
        if known is False:
            continue
        blocks.append(case.body)
        if known:
            break
    else:
        blocks.append([])
    if len(blocks) == 1:
        return machine.execute(blocks[0], frame)
    return branches(machine, blocks, frame)


def _matches(machine: Machine, pattern: ast.pattern, subject: Value, frame: Frame) -> bool | None:
    machine.step()
    if isinstance(pattern, ast.MatchValue):
        return machine.truth(compare(machine, ast.Eq(), subject, machine.evaluate(pattern.value, frame)))
    if isinstance(pattern, ast.MatchOr):
        known = [_matches(machine, one, subject, frame) for one in pattern.patterns]
        return True if True in known else None if None in known else False
    if isinstance(pattern, ast.MatchAs):
        if pattern.name:
            frame.names[pattern.name] = subject
        return True if pattern.pattern is None else _matches(machine, pattern.pattern, subject, frame)
    return None


def _return(machine: Machine, node: ast.Return, frame: Frame) -> Flow:
    frame.returned.append(None if node.value is None else machine.evaluate(node.value, frame))
    return Flow.RETURN


def _raise(machine: Machine, node: ast.Raise, frame: Frame) -> Flow:
    if node.exc is not None:
        machine.evaluate(node.exc, frame)
    return Flow.DIED


def _assign(machine: Machine, node: ast.Assign, frame: Frame) -> Flow:
    value = machine.evaluate(node.value, frame)
    for target in node.targets:
        machine.assign(target, value, frame)
    return Flow.NEXT


def _annotated(machine: Machine, node: ast.AnnAssign, frame: Frame) -> Flow:
    if node.value is not None:
        machine.assign(node.target, machine.evaluate(node.value, frame), frame)
    return Flow.NEXT


def _augmented(machine: Machine, node: ast.AugAssign, frame: Frame) -> Flow:
    old = machine.evaluate(node.target, frame)
    value = machine.evaluate(node.value, frame)
    machine.assign(node.target, binary(machine, node.op, old, value), frame)
    return Flow.NEXT


def _expression(machine: Machine, node: ast.Expr, frame: Frame) -> Flow:
    value = machine.evaluate(node.value, frame)
    return Flow.DIED if isinstance(value, External) and value.trail in _LEAVING else Flow.NEXT


def _assert(machine: Machine, node: ast.Assert, frame: Frame) -> Flow:
    machine.evaluate(node.test, frame)
    return Flow.NEXT


def _global(machine: Machine, node: ast.Global, frame: Frame) -> Flow:
    machine.step()
    frame.global_names.update(node.names)
    return Flow.NEXT


def _nonlocal(machine: Machine, node: ast.Nonlocal, frame: Frame) -> Flow:
    machine.step()
    frame.outer_names.update(node.names)
    return Flow.NEXT


def _delete(machine: Machine, node: ast.Delete, frame: Frame) -> Flow:
    for target in node.targets:
        machine.step()
        if isinstance(target, ast.Name):
            frame.names.pop(target.id, None)
    return Flow.NEXT


def _break(_machine: Machine, _node: ast.Break, _frame: Frame) -> Flow:
    return Flow.BREAK


def _continue(_machine: Machine, _node: ast.Continue, _frame: Frame) -> Flow:
    return Flow.CONTINUE


def store(machine: Machine, names: _Names, name: str, value: Value) -> None:
    """Set an attribute of something that lives longer than a branch: what it was stays possible where in doubt."""
    if machine.uncertain and name in names and not same(names[name], value):
        names[name] = choice((names[name], value))
    else:
        names[name] = value


_HANDLERS: dict[type[ast.stmt], Callable[..., Flow]] = {
    ast.FunctionDef: definitions.define_function,
    ast.AsyncFunctionDef: definitions.define_function,
    ast.ClassDef: definitions.define_class,
    ast.Return: _return,
    ast.Delete: _delete,
    ast.Assign: _assign,
    ast.AugAssign: _augmented,
    ast.AnnAssign: _annotated,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.If: _if,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Match: _match,
    ast.Raise: _raise,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Assert: _assert,
    ast.Import: imports.run_import,
    ast.ImportFrom: imports.run_import_from,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Expr: _expression,
    ast.Break: _break,
    ast.Continue: _continue,
}
