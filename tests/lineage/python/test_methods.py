"""Methods of texts, paths, lists and mappings."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'A'.lower() + 'b'.upper() + 'c d'.title()", "R aBC D"), ("(' a/' + x + '/b ').strip()", "R a/"), ("'xxaxx'.lstrip('x').rstrip('x')", "R a"),
        ("'a'.strip(x)", "R a"), ("(x + 'a').strip()", None), ("'a-b'.replace('-', '_')", "R a_b"), ("('d/' + x).replace('d', 'e')", "R e/"),
        ("'d/a'.replace(x, 'b')", None), ("('d/' + x).replace(x, 'b')", "R d/"), ("'a'.replace('z', 'b')", "R a"), ("('d/' + x + 'a').replace('', 'b')", "R d/"),
        ("'a,b'.split(',')[1]", "R b"), ("'a b'.split()[1]", "R b"), ("'a.b.c'.split('.', 1)", "R a R b.c"), ("('a' + x).split('.')", None), ("'a,b'.split(x)", None),
        ("'a.b.c'.rsplit('.', 1)[0]", "R a.b"), ("('d/' + x + '.csv').rsplit('.', 1)[0]", "R d/"), ("'a b c'.rsplit(' ')[2]", "R c"), ("(x + 'a').rsplit('/', 1)", None),
        ("'a/b'.partition('/')[2]", "R b"), ("('a' + x).partition('/')[0]", None), ("'a.b'.rpartition('.')[0]", "R a"), ("('d' + x).rpartition('.')[0]", None),
        ("'-'.join(['a', 'b'])", "R a-b"), ("'-'.join([])", None), ("'/'.join(x)", None), ("'/'.join(c for c in 'ab')", "R a/b"),
        ("'abc'.removeprefix('a').removesuffix('c')", "R b"), ("('a' + x).removeprefix('a')", None), ("'7'.zfill(3)", "R 007"), ("'7'.zfill(x)", None), ("'7'.zfill(10 ** 9)", None),
        ("'a\\nb'.splitlines()", "R a R b"), ("x.splitlines()", None), ("('a' + x).splitlines()", None), ("'a'.encode().decode()", "R a"), ("'a'.nothing()", None), ("'a'.value", "R a"),
        ("Path('a') / 'b' / 'c.csv'", "R a/b/c.csv"), ("Path('./a/') / 'b'", "R a/b"), ("Path() / 'a'", "R a"), ("Path('a', 'b', 'c')", "R a/b/c"), ("Path('a').joinpath('b', 'c')", "R a/b/c"),
        ("Path('a/b.csv').name", "R b.csv"), ("Path('a/b.csv').stem", "R b"), ("'x' + Path('a/b.csv').suffix", "R x.csv"), ("Path('a/b.csv').parent / 'c'", "R a/c"),
        ("Path('a/b/c').parents[1] / 'd'", "R a/d"), ("Path('a').parent / 'd'", "R d"), ("Path('a/b').parts[1]", "R b"), ("Path('/a/b').parts[2]", "R b"), ("Path('d/' + x).parts[0]", None),
        ("'x' + Path('b.tar.gz').suffixes[0]", "R x.tar"), ("Path('d/' + x).suffixes", None), ("Path('d/' + x).name", None), ("'x' + Path('a').anchor + Path('a').drive", "R x"),
        ("Path('a/b.csv').with_name('c.txt')", "R a/c.txt"), ("Path('a/b.csv').with_suffix('.txt')", "R a/b.txt"), ("Path('a/b.csv').with_stem('c')", "R a/c.csv"), ("Path(f'd/{x}.csv').with_suffix('.txt')", "R d/"),
        ("str(Path('a')) + 'b'", "R ab"), ("Path('a').as_posix() + '/b'", "R a/b"), ("Path('a').resolve() / 'b'", "R a/b"), ("Path('a').expanduser()", "R a"),
        ("Path('a/b/c').relative_to('a')", "R b/c"), ("Path('a/b').relative_to('q')", "R a/b"), ("Path('a/b').absolute().relative_to('a')", "R b"), ("Path('d/' + x).relative_to('d')", None),
        ("Path('a') / ('b' if x else 'c')", "R a/b R a/c"), ("x / 'a'", None), ("'a' / Path('b')", "R a/b"), ("Path('a') / 1", None), ("Path('a').nothing()", None), ("Path('/')", None), ("Path('a') + 'b'", "R ab"),
        ("[1, 'a'].copy()", "R a"), ("['a'].pop()", "R a"), ("[].pop()", None), ("['a', 'b'].pop(0)", "R a"), ("['b', 'a'][['b', 'a'].index('a')]", "R a"), ("[['a', 'b'].index('z')]", None),
        ("set(['a']).union(['b'])", "R a R b"), ("{'a', 'b'}.difference(x)", "R a R b"), ("(x, 'a').nothing()", None), ("{'a': 1}.nothing()", None),
        ("{'a': 'b'}.get('a')", "R b"), ("{}.get('a', 'b')", "R b"), ("{**x}.get('a', 'b')", "R b"), ("{'a': 'b'}.get(x, 'c')", "R b R c"), ("{'a': 'b'}.pop('a')", "R b"), ("{'a': 'b'}.pop(x, 'c')", "R b R c"),
        ("{}.setdefault('a', 'b')", "R b"), ("{'a': 'b'}.setdefault('a', 'c')", "R b"), ("[v for k, v in {'a': 'b'}.items()]", "R b"), ("[k for k in {'a': 'b'}]", "R a"), ("list({'a': 'b'}.keys())", "R a"),
        ("list({'a': 'b'}.values())", "R b"), ("{'a': 'b'}.copy()['a']", "R b"), ("[v for k, v in {**x}.items()]", None), ("list({**x})", None), ("[k[0] for k in {('a', 1): 2, None: 3, x: 4}]", "R a"),
    ],
)  # fmt: skip
def test_methods(seen, expression, expected) -> None:
    found = seen(f"from pathlib import Path\nfrom somewhere import x\nopen({expression})")
    assert " ".join(found) == (expected or "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = []\na.append('x')\na.extend(['y'])\na.insert(0, 'z')\na.sort()\na.reverse()\nopen(a)", ["R x", "R y", "R z"]),
        ("a = []\nif unknown:\n    a.append('x')\n    a.extend('y')\n    a.insert(0, 'z')\nfor n in a:\n    open(n)", ["R z", "R x", "R y"]),
        ("a = ['b', unknown, 'a']\na.sort()\na.extend(unknown)\na.insert(unknown, 'q')\nopen(a)", ["R b", "R a"]),
        ("a = {'x': 'a'}\na.update({'y': 'b'}, z='c')\na.update(unknown)\nif unknown:\n    a.update(x='d')\n    a.pop('y')\n    a.setdefault('x')\nopen(a)", ["R a", "R d", "R b", "R c"]),
        ("import os\nfrom pathlib import Path\nfor p in Path('d').glob('*.csv'):\n    p.open()\nfor p in sorted(Path('e').iterdir()):\n    p.read_text()\nPath('f').rglob(unknown)", ["R d/", "R e/", "R f/"]),
        ("from pathlib import Path\np = Path('a')\np.write_text('x')\nPath('b').write_bytes(b'')\nPath('c').touch()\nPath('d').symlink_to('e')\nPath('f').open('wb')\nPath('g').read_bytes()", ["W a", "W b", "W c", "W d", "W f", "R g"]),
        ("from pathlib import Path\np = Path('t/a.tmp')\np.write_text('x')\np.rename(p.with_suffix('.csv'))\nPath('q').replace('w')\nPath('old').unlink()\nPath('d').rmdir()\nPath('e').mkdir()", ["W t/a.csv", "R q", "W w"]),
    ],
)  # fmt: skip
def test_effects(seen, text, expected) -> None:
    assert seen(text) == expected
