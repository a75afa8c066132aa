"""docs/cli.md names every command and every flag of each, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from sbom.cli import app as application

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"^## ", TEXT, flags=re.MULTILINE)}
_FLAG = re.compile(r"`(--?[a-z][a-z0-9-]*)")


def parameters(name: str) -> list[Any]:
    group: Any = typer.main.get_command(application._app)
    command = group.get_command(None, name)
    inner = getattr(command, "commands", {}).values()  # of a command that has commands of its own
    return [*command.params, *(parameter for one in inner for parameter in one.params)]


def flags(name: str) -> set[str]:
    options = {flag for parameter in parameters(name) for flag in parameter.opts if flag.startswith("-")}
    return options | {"-h", "--help"}


def listed(section: str) -> set[str]:
    """Return the flags that a section lists: those before the colon of its list items."""
    items = re.findall(r"^- ((?:`[^`]*`(?:, )?)+):", SECTIONS[section], re.MULTILINE)
    return {flag for item in items for flag in _FLAG.findall(item)}


def test_every_command_has_a_section() -> None:
    assert set(application.COMMANDS) <= set(SECTIONS)


@pytest.mark.parametrize("name", application.COMMANDS)
def test_every_flag_is_there_and_no_other(name: str) -> None:
    named = listed(name) | listed("For every command")
    if name == "guard":
        assert "All options of [verify](#verify) but `-o`" in SECTIONS[name]
        named |= listed("verify") - {"-o", "--output"}
    assert named == flags(name)


@pytest.mark.parametrize("name", application.COMMANDS)
def test_every_choice_is_spelled_out(name: str) -> None:
    where = SECTIONS["verify" if name == "guard" else name] + SECTIONS[name] + SECTIONS["For every command"]
    for parameter in parameters(name):
        metavar = parameter.metavar or ""
        if "|" in metavar and parameter.param_type_name == "option":
            assert f"{parameter.opts[0]} {metavar}`" in where, parameter.opts


@pytest.mark.parametrize("name", application.COMMANDS)
def test_every_default_is_said(name: str) -> None:
    section = SECTIONS["verify" if name == "guard" else name] + SECTIONS[name]
    for parameter in parameters(name):
        default = parameter.default
        shown = parameter.param_type_name == "option" and isinstance(default, (str, int)) and default is not False
        if shown and default != "-" and parameter.opts[0] != "--color":
            assert f"Default: {default}" in section, parameter.opts
