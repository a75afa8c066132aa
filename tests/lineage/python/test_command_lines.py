"""Values that scripts take from their command line: argparse, click, typer, fire, docopt, absl, dataclasses."""

from __future__ import annotations

import pytest

ARGPARSE = "import argparse\np = argparse.ArgumentParser()\n"


@pytest.mark.parametrize(
    ("lines", "words", "expected"),
    [
        ("p.add_argument('a')\np.add_argument('-o', '--out-dir')\nx = p.parse_args()\nopen(x.a)\nopen(x.out_dir + '/b')", "in -o d", "R in R d/"),
        ("p.add_argument('--a', default='q')\nx = p.parse_args()\nopen(x.a)", "", "R q"),
        ("p.add_argument('--a', required=True)\np.add_argument('b')\nx = p.parse_args()\nopen(x.a)\nopen(x.b)", "", ""),
        ("p.add_argument('--a', '-a')\nopen(p.parse_args().a)", "--a=q", "R q"),
        ("p.add_argument('-a')\nopen(p.parse_args().a)", "-aq", "R q"),
        ("p.add_argument('--alpha')\np.add_argument('--beta')\nopen(p.parse_args().alpha)", "--al q --zzz r", "R q"),
        ("p.add_argument('--aa')\np.add_argument('--ab')\nx = p.parse_args()\nopen(x.aa)", "--a q", ""),
        ("p.add_argument('a', nargs='+')\np.add_argument('b')\nx = p.parse_args()\nopen(x.a)\nopen('w/' + x.b)", "1 2 3", "R 1 R 2 R w/3"),
        ("p.add_argument('a', nargs='*')\np.add_argument('b', nargs='?', default='q')\nx = p.parse_args()\nopen(x.a)\nopen(x.b)", "", "R q"),
        ("p.add_argument('--a', nargs=2)\np.add_argument('b')\nx = p.parse_args()\nopen(x.a)\nopen('w/' + x.b)", "--a 1 2 3", "R 1 R 2 R w/3"),
        ("p.add_argument('--a', nargs='*')\np.add_argument('--b')\nx = p.parse_args()\nopen(x.a)\nopen(x.b)", "--a 1 -2 --b 3", "R 1 R -2 R 3"),
        ("p.add_argument('--a', action='append')\nopen(p.parse_args().a)", "--a 1 --a 2", "R 1 R 2"),
        ("p.add_argument('--a', action='append', nargs=1)\nopen(p.parse_args().a[1])", "--a 1 --a 2", "R 2"),
        ("p.add_argument('--a', action='store_true')\np.add_argument('--b', action='store_false')\nx = p.parse_args()\nopen('y' if x.a else 'n')\nopen('y' if x.b else 'n')", "--a --b", "R y R n"),
        ("p.add_argument('--a', action='store_true')\np.add_argument('--c', action='store_const', const='z', default='w')\nx = p.parse_args()\nopen('y' if x.a else 'n')\nopen(x.c)", "--c", "R n R z"),
        ("p.add_argument('-v', action='count', default=0)\nx = p.parse_args()\nopen(f'd/{x.v}')", "-v", "R d/1"),
        ("p.add_argument('--a', action=argparse.BooleanOptionalAction, default=True)\nopen('y' if p.parse_args().a else 'n')", "--no-a", "R n"),
        ("p.add_argument('--a', action=argparse.BooleanOptionalAction, default=False)\nopen('y' if p.parse_args().a else 'n')", "--a", "R y"),
        ("p.add_argument('a', type=int)\np.add_argument('--b', type=float, default='2')\nx = p.parse_args()\nopen(f'd{x.a + 1}{x.b}')", "6", "R d72.0"),
        ("from pathlib import Path\np.add_argument('a', type=Path)\np.add_argument('--b', type=Path, default='q')\nx = p.parse_args()\nopen(x.a / 'c')\nopen(x.b / 'c')", "d", "R d/ R q/c"),
        ("p.add_argument('a', type=lambda t: t.upper())\np.add_argument('b', type=unknown)\nx = p.parse_args()\nopen(x.a)\nopen(x.b)", "d e", "R D R e"),
        ("p.add_argument('a', type=argparse.FileType('w'))\np.add_argument('b', type=argparse.FileType())\np.parse_args()", "x y", "W x R y"),
        ("g = p.add_argument_group('g').add_mutually_exclusive_group()\ng.add_argument('--a', dest='b')\np.set_defaults(b='z', c='w')\nx = p.parse_args()\nopen(x.b)\nopen(x.c)", "", "R z R w"),
        ("p.add_argument('--a')\nx, rest = p.parse_known_args()\nopen(x.a)\nopen(rest)", "--a b --zz c d", "R b R c R d"),
        ("p.add_argument('--a')\nopen(p.parse_args(['--a', 'q']).a)\nopen(p.parse_args(args=None).a)", "--a b", "R q R b"),
        ("p.add_argument(unknown)\np.add_argument('a')\np.foo()\nopen(vars(p.parse_args())['a'])", "-- -b", "R -b"),
        ("q = argparse.ArgumentParser(parents=[p], add_help=False)\np.add_argument('--a')\nr = argparse.ArgumentParser(parents=[p, unknown])\nopen(r.parse_args().a)", "--a b", "R b"),
        ("s = p.add_subparsers(dest='c', required=True)\nu = s.add_parser('up', aliases=['u'])\nu.add_argument('a')\nu.set_defaults(f=open)\nd = s.add_parser('down')\nd.add_argument('a')\nx = p.parse_args()\nx.f(x.a)\nopen(x.c)", "u q", "R q R u"),
        ("p.add_argument('--n', type=int, default=5)\np.add_argument('a', default=None)\nx = p.parse_args()\nfor i in range(x.n):\n    open(f'{x.a}{i}')", "--n 2 q", "R q0 R q1"),
    ],
)  # fmt: skip
def test_argparse(seen, lines, words, expected) -> None:
    assert " ".join(seen(ARGPARSE + lines, *words.split())) == expected


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("import optparse\np = optparse.OptionParser()\np.add_option('-a', '--aa', type='string', dest='b')\no, rest = p.parse_args()\nopen(o.b)\nopen(rest[0])", "-a x y", "R x R y"),
        ("import click\n@click.command()\n@click.argument('a')\n@click.option('--out', '-o', 'b', default='q')\ndef f(a, b):\n    open(a)\n    open(b)\nf()", "x -o y", "R x R y"),
        ("import click\n@click.option('--n', default=3)\n@click.command()\n@click.option('--data-dir', required=True)\ndef f(n, data_dir):\n    open(f'{data_dir}/{n}')\nf()", "--data-dir d", "R d/"),
        ("import click\n@click.command()\n@click.option('--a', is_flag=True)\n@click.option('--b/--no-b', default=True)\n@click.option('--c', flag_value='z', default='w')\ndef f(a, b, c):\n    open(f'{a}{b}{c}')\nf()", "--a --no-b", "R TrueFalsew"),
        ("import click\nfrom pathlib import Path\n@click.command()\n@click.argument('a', type=click.Path(path_type=Path))\n@click.argument('b', type=click.File('w'))\n@click.option('--c', type=click.Path(exists=True), default='z')\ndef f(a, b, c):\n    open(a / 'q')\n    open(c + '/q')\nf()", "x y", "W y R x/ R z/q"),
        ("import click\n@click.command()\n@click.argument('a', nargs=-1)\n@click.option('--b', multiple=True)\n@click.option('--c', nargs=2)\n@click.option('--d', multiple=True)\ndef f(a, b, c, d):\n    open(a)\n    open(b)\n    open(c)\n    open(d)\nf()", "1 2 --b 3 --b 4 --c 5 6", "R 1 R 2 R 3 R 4 R 5 R 6"),
        ("import click\n@click.group()\n@click.option('--d', default='x')\n@click.pass_context\ndef cli(ctx, d):\n    ctx.obj['d'] = d\n    open(d)\n@cli.command('go')\n@click.argument('a')\ndef go(a):\n    open(a)\n@cli.command\ndef plain_one():\n    open('p')\n@click.command()\ndef other():\n    open('o')\ncli.add_command(other, 'oo')\ncli.add_command(unknown)\nif __name__ == '__main__':\n    cli(obj={})", "--d y go z", "R y R z"),
        ("import click\n@click.group()\ndef cli():\n    pass\n@cli.group()\ndef sub():\n    pass\n@sub.command()\ndef do_it():\n    open('a')\ncli.main()", "sub do-it", "R a"),
        ("import click\n@click.command()\n@click.argument('a')\ndef f(a):\n    open(a)\nf.callback('x')\nf.name\nf(['y'], standalone_mode=False)", "z", "R x R y"),
        ("import click\ng = click.Group()\n@g.command()\ndef f():\n    open('a')\ng()", "f", "R a"),
        ("import typer\ndef main(a: str, n: int = 3, *, out: str = 'o'):\n    open(f'{a}{n + 1}')\n    open(out, 'w')\ntyper.run(main)", "x --n 4 --out y", "R x5 W y"),
        ("import typer\nfrom pathlib import Path\nfrom typing import Annotated, Optional, List\napp = typer.Typer()\n@app.command()\ndef main(a: Annotated[Path, typer.Argument()], b: Annotated[Optional[Path], typer.Option('--bb', '-b')] = None, c: List[str] = typer.Option(['w']), d: 'Path | None' = None):\n    open(a / 'q')\n    open(b / 'q')\n    open(c)\napp()", "x -b y", "R x/ R y/ R w"),
        ("import typer\nfrom pathlib import Path\napp = typer.Typer()\n@app.command()\ndef one(a: Path = typer.Option(Path('d') / 'x', '--aa'), ctx: typer.Context = None):\n    open(a)\n@app.command('second')\ndef two(a: list[Path], b: bool = typer.Option(False, '--yes/--no'), c: bool = True, d: str = typer.Option(...)):\n    open(a)\n    open('y' if b else 'n')\n    open('t' if c else 'f')\napp()", "second p q --yes --no-c", "R p R q R y R f"),
        ("import typer\napp = typer.Typer()\nsub = typer.Typer()\napp.add_typer(sub, name='sub')\n@app.callback()\ndef first(v: bool = False):\n    open('first')\n@sub.command()\ndef do_it(a: str = typer.Argument('q')):\n    open(a)\n@sub.callback\ndef other():\n    open('other')\napp()", "sub do-it z", "R first R other R z"),
        ("import typer\nfrom pathlib import Path\ndef main(a: Path | None = None, b: unknown[int] = 'z', f=lambda: 0):\n    open(a / 'q')\n    open(b)\ntyper.run(main)\ntyper.run(lambda: open('l'))", "--a x", "R x/ R z R l"),
        ("import fire\ndef f(a, b='q', flag=False, n=1):\n    open(f'{a}{n + 1}')\n    open(b)\n    open('y' if flag else 'n')\nfire.Fire(f)", "x --b=z --n 3 --flag", "R x4 R z R y"),
        ("import fire\nclass P:\n    def __init__(self, d, e='e'):\n        self.d = d + e\n    def go_on(self, n):\n        open(self.d + n)\nfire.Fire(P)", "x go-on y --e=f", "R xfy"),
        ("import typer\nclass A:\n    def m(self):\n        open('a')\ntyper.run(A().m)\napp = typer.Typer()\napp.command()(A().m)\n@app.command()\ndef f(ctx: typer.Context, x: str):\n    open(x)\napp()", "f z", "R a R z"),
        ("import fire\ndef up(a):\n    open(a)\nfire.Fire({'up': up})\nfire.Fire()\nfire.Fire(unknown)\nfire.Fire({})", "up x", "R x"),
        ("import fire\ndef up(a, b=True):\n    open(f'{a}{b}')\nfire.Fire(up, command=['q', '--b', 'False'])", "x", "R qFalse"),
        ("'''Do.\n\nUsage:\n  x.py go <a> [--n=<n>] [-q]\n  x.py stop <b>\n\nOptions:\n  -n --n=<n>  How many [default: 3].\n  -o FILE, --out FILE  Where.\n  --flag  Sign.\n'''\nfrom docopt import docopt\no = docopt(__doc__)\nopen(o['<a>'] + o['--n'])\nopen('y' if o['go'] else 'n')\nopen('f' if o['--flag'] else 'g')", "go x --n 4", "R x4 R y R g"),
        ("from docopt import docopt\nopen(docopt('nothing')['a'])\nopen(docopt('Usage: x.py --a=<v> INPUT [-v]')['--a'])\nopen(docopt('Usage: x.py --a=<v> INPUT [-v]')['INPUT'])", "--a 1 2", "R 1 R 2"),
        ("from absl import app, flags\nFLAGS = flags.FLAGS\nD = flags.DEFINE_string('d', 'q', 'h')\nflags.DEFINE_integer('n', 3, 'h')\nflags.DEFINE_bool('b', False, 'h')\ndef main(argv):\n    open(f'{FLAGS.d}{FLAGS.n + 1}{FLAGS.b}')\n    open(D.value)\n    open(FLAGS.zz)\napp.run(main)", "--d=x --n 4 --b", "R x5True R x"),
        ("from dataclasses import dataclass, field\nfrom pathlib import Path\nimport tyro\n@dataclass\nclass C:\n    data_dir: Path\n    n: int = 3\n    b: bool = False\n    l: list[str] = field(default_factory=list)\nc = tyro.cli(C)\nopen(c.data_dir / f'{c.n}')\ntyro.cli(unknown)", "--data-dir d --n 4", "R d/"),
        ("from transformers import HfArgumentParser\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n    a: str = 'x'\n@dataclass\nclass B:\n    b: str = 'y'\nx, y = HfArgumentParser((A, B)).parse_args_into_dataclasses()\nopen(x.a + y.b)\nz, = HfArgumentParser(A).parse_args_into_dataclasses()\nopen(z.a)\nHfArgumentParser(A).nothing()", "--b z", "R xz R x"),
        ("import sys\nif len(sys.argv) > 1:\n    open(sys.argv[1])\nopen(sys.argv[-1] + 'b')\nname, *rest = sys.argv\nopen(rest)", "x y", "R x R yb R y"),
    ],
)  # fmt: skip
def test_others(seen, text, words, expected) -> None:
    assert " ".join(seen(text, *words.split())) == expected
