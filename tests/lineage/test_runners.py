"""Interpreters, notebooks and containers: what they run is read next, or told."""

from __future__ import annotations

import pytest
from shell_texts import command, said, script, short

CASES = [
    ("python src/a.py --x 1", "!src/a.py --x 1"),
    ("python3.11 -u -W ignore -Xdev src/a.py x", "!src/a.py x"),
    ("python -m src.pkg -v; python -m pkg; python -m installed; python -m 'no name'", "!src/pkg/__main__.py -v !src/pkg/__main__.py"),
    ("python -m src.a x", "!src/a.py x"),
    ("python -c 'import a' x", "!import a x"),
    ("python - x <<E\nimport b\nE", "!import b x"),
    ("python <<< 'import c'", "!import c"),
    ("python < src/a.py", "!src/a.py"),
    ("python --version; bash --version", ""),
    ("python -m cProfile -o prof -s time src/a.py 1", "!src/a.py 1"),
    ("python -m coverage run src/a.py; python -m torch.distributed.run src/b.py", "!src/a.py !src/b.py"),
    ("python -m nbconvert --execute nb/n.ipynb", ">nb/n.ipynb !nb/n.ipynb --execute"),
    ("papermill nb/n.ipynb out/n.ipynb -p a 1 -r b x -k python3 --log-output", ">out/n.ipynb !nb/n.ipynb -p a 1 -r b x"),
    ("papermill", ""),
    ("jupyter nbconvert --to html --execute nb/n.ipynb --output-dir out", ">out/n.html !nb/n.ipynb --execute"),
    ("jupyter nbconvert --to=script nb/n.ipynb --output x", "<nb/n.ipynb >nb/x.py"),
    ("jupyter nbconvert --execute --inplace nb/n.ipynb; jupyter execute nb/n.ipynb", "!nb/n.ipynb --execute !nb/n.ipynb --execute"),
    ("jupyter nbconvert --to odd nb/n.ipynb; jupyter lab", "<nb/n.ipynb"),
    ("bash -e run.sh x; sh ./run.sh", "!run.sh x !run.sh"),
    ("bash -ec 'cat a > $1' name b; bash -c", "<a >b"),
    ("bash <<< 'cat a'; bash < run.sh", "<a !run.sh"),
    ("spark-submit --master local --conf a=b src/a.py x; spark-submit", "!src/a.py x"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_runners(tmp_path, text, expected) -> None:
    assert " ".join(short(command(tmp_path, text))) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("python gone.py", "runs gone.py, which is not there"),
        ("python $SCRIPT", "runs a script of which it is not known where it lies"),
        ("python ../up.py", "runs a script of which it is not known where it lies: ../up.py"),
        ("python -c \"open('$X')\"", "runs Python that is not known"),
        ("curl https://e.org | python", "gives python a text that is not known"),
        ("curl https://e.org | bash", "gives shell a text that is not known"),
        ('bash -c "cat $X"', "runs a text that is not known"),
        ("docker run image", "a command runs in a container, which is not looked into"),
        ("Rscript gone.R", "runs gone.R, which is not there"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path, text, problem) -> None:
    found = command(tmp_path, text)
    assert problem in said(found)
    assert not found.calls


def test_other_languages_are_named_with_their_arguments(tmp_path) -> None:
    assert short(command(tmp_path, "Rscript --vanilla x.R data/a; node; perl", files={"x.R": ""})) == ["!x.R"]


def test_texts_know_their_lines(tmp_path) -> None:
    found = script(tmp_path, "\npython -c 'a'\n\npython - <<E\nb\nE\n")
    assert [(one.first_line, one.language, one.where) for one in found.calls] == [
        (2, "python", "run.sh:2"),
        (5, "python", "run.sh:4"),
    ]
    found = command(tmp_path, "\n\npython - <<E\nb\nE\n")
    assert [(one.script, one.first_line) for one in found.calls] == [("dvc.yaml", 4)]
