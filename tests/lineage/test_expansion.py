"""The values of shell words, seen through the names of files."""

from __future__ import annotations

import pytest
from shell_texts import command, said, short

from sbom.lineage import expansion
from sbom.lineage.expansion import MAX_WORDS, ROOT, Word, braces, placed
from sbom.transformation import INFERRED, LITERAL


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=x; cat $a ${a}y \"$a/z\" '$a'", "<x <xy <x/z <$a"),
        ("a='x y'; cat $a \"$a\"", "<x <y <x y"),
        ("cat $HOME/x out/$USER.csv", "<out/"),
        ("a=out/$X; cat $a $a/y", "<out/ <out/"),
        ("cat ${1:-x} ${a:-$b} ${a:-b$c} ${z:=d} $z ${q:?no}", "<x <d <d"),
        ("a=; cat ${a:-x} ${a-y}z ${a:+b}c ${a+d}", "<x <z <c <d"),
        ("a=b; cat ${a:+c} ${u+x}e ${a:-${b:-${c:-d}}}", "<c <e <b"),
        ("a=d/x.tar.gz; cat ${a%.gz} ${a%%.*} ${a#*/} ${a##*.} ${a%.zip}", "<d/x.tar <d/x <x.tar.gz <gz <d/x.tar.gz"),
        ("a=d/x.csv; cat ${a/x/y} ${a//d/e} ${a/%x/y} ${a/*/y} ${a#$b} ${#a} ${!a} ${a:0:1}", "<d/y.csv <e/x.csv"),
        ("a=(x 'y z' $Q); cat \"${a[@]}\" ${a[1]} ${a[0]}b; cat ${a[7]}", "<x <y z <y <z <xb"),
        ("a=(x); a+=(y); b=c; b+=d; cat ${a[@]} $b; u+=x; cat $u", "<x <y <cd"),
        ("cat a{b,c}d {1..3}.x {03..01} {a,b}{c,d}", "<abd <acd <1.x <2.x <3.x <03 <02 <01 <ac <ad <bc <bd"),
        ("cat '{a,b}' \"x\"{c,d} {e} 'a*'", "<{a,b} <xc <xd <{e} <a*"),
        (
            "cat data/raw/*.csv data/*/1.* src/?.py",
            "<data/raw/1.csv <data/raw/2.csv <data/raw/1.csv <src/a.py <src/b.py",
        ),
        ("cat data/raw/.*.csv data/[l]ist.txt", "<data/raw/.hidden.csv <data/list.txt"),
        ("cat none/*.csv data/none*/x *.none /etc/* ../*/x", "<none/ <data/"),
        ("cat 'data/'*.txt \"data/*\" a'*'*", "<data/list.txt <data/* <a**"),
        ("cat https://e.org/*.csv https://e.org/$X", "<https://e.org/*.csv"),
        (
            "a=data/raw; cat $a/*.csv; b=$a/*.csv; cat $b",
            "<data/raw/1.csv <data/raw/2.csv <data/raw/1.csv <data/raw/2.csv",
        ),
        ("cat data/{list,$X}.txt data/raw/*$X", "<data/ <data/raw/"),
        ("cat $(echo x) $(echo y z) \"$(echo y z)\" $((1+1)) $'a\\tb'", "<x <y <z <y z"),
        ("cat <(sort x) `echo y`", "<x <y"),
        ('set -- x y; cat $1 $2 $# "$@" $*', "<x <y <2 <x <y <x <y"),
        ('cat "" \'\' "$@"', ""),
    ],
)
def test_values(tmp_path, text, expected) -> None:
    assert " ".join(short(command(tmp_path, text))) == expected


def test_kinds(tmp_path) -> None:
    found = command(tmp_path, "a=x; cat y $a data/raw/*.csv {1,2} 'z' none/*")
    assert [one.kind for one in found.accesses] == [LITERAL, *[INFERRED] * 5, LITERAL, INFERRED]


def test_expansions_are_bounded(tmp_path) -> None:
    assert braces("{1..1000}") == [str(number) for number in range(1, 1001)]
    assert braces("{1..1001}") is braces("{1..999999999}") is braces("{1..99999999999999999999}") is None
    assert braces("{a,b}" * 10) is braces("{a,b}" * 100_000) is None
    assert braces("{-1..1}") == ["-1", "0", "1"]
    assert braces("{,a}b") == ["b", "ab"]
    assert braces("{" * 100_000) == ["{" * 100_000]
    assert len(braces("{" * 1_999) or ()) == 1
    assert short(command(tmp_path, "cat out/{1..99999}.csv")) == ["<out/"]
    assert short(command(tmp_path, "cat " + "*" * 3_000)) == []


def test_values_do_not_grow_without_end(tmp_path) -> None:
    text = "a=data/xxxxxxxxxx;" + "a=$a$a;" * 20 + "cat $a"
    assert short(command(tmp_path, text)) in ([], ["<data/"])
    assert said(command(tmp_path, "a=x\n" + "a+=$a\n" * 20 + "cat $a")) == ""
    assert short(command(tmp_path, "a=${x:-" * 500 + "y" + "}" * 500 + "; cat $a")) == []
    assert short(command(tmp_path, f"a={'x' * 3_000}; cat ${{a%x}} ${{a#{'*' * 5_000}}}")) == []
    assert short(command(tmp_path, "a=({1..1000}); b=(" + '"${a[@]}" ' * 90 + "); cat out/${b[*]}x")) == ["<out/"]


def test_too_many_matches_are_one_directory(tmp_path) -> None:
    files = {f"many/{number}": "" for number in range(MAX_WORDS + 1)}
    assert short(command(tmp_path, "cat many/*", files=files)) == ["<many/"]


def test_globs_are_looked_for_in_the_directory(tmp_path) -> None:
    assert short(command(tmp_path, "cat raw/1*", "data")) == ["<data/raw/1.csv"]
    assert short(command(tmp_path, "cd $X; cat data/* data/list.txt https://e.org/x")) == ["<https://e.org/x"]


@pytest.mark.parametrize(
    ("text", "directory", "expected"),
    [
        (f"{ROOT}a/b", "", "a/b"),
        (f"{ROOT}a/b/", "a", "b/"),
        (f"--x={ROOT}/data", "src/x", "--x=../../data"),
        (ROOT, "a/b", "../.."),
        (f"{ROOT}../etc/passwd", "", "../etc/passwd"),
        (f"{ROOT}a/../../etc", "a/b", "../../../etc"),
        ("plain", "a", "plain"),
    ],
)
def test_absolute_paths_become_relative(text, directory, expected) -> None:
    assert placed(Word(text, known=True), directory).text == expected


def test_without_a_directory_nothing_is_placed() -> None:
    assert placed(Word(f"{ROOT}a", known=True), None) == expansion.UNKNOWN
    assert placed(Word("x", known=False, start=f"{ROOT}a/"), "a").directory == "."
