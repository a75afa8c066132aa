"""Values that scripts look up in files: YAML, JSON, TOML, INI, ``.env``, OmegaConf, Hydra."""

from __future__ import annotations

import pytest

YAML = "a: x\nn: 3\nf: 1.50\nt: yes\nl: [p, q]\nd: {k: v}\n1: one\n'007': bond\nnull: nothing\n"


@pytest.mark.parametrize(
    ("text", "files", "expected", "scripts"),
    [
        ("import yaml\nc = yaml.safe_load(open('params.yaml'))\nopen(c['a'])\nopen(c['l'])\nopen(c['d']['k'])\nopen(f\"{c['n'] + 1}{c['f']}{c['t']}{c[1]}{c['007']}\")", {"params.yaml": YAML}, "R x R p R q R v R 41.50Trueonebond", "params.yaml"),
        ("import yaml\nwith open('c.yml') as f:\n    c = yaml.load(f.read(), Loader=yaml.SafeLoader)\nopen(c['a'])", {"c.yml": YAML}, "R x", "c.yml"),
        ("import yaml\nfrom pathlib import Path\nc = yaml.safe_load(Path('c.yaml').read_text())\nopen(c['a'])", {"c.yaml": YAML}, "R x", "c.yaml"),
        ("import yaml\nopen(yaml.safe_load('a: b')['a'])\nopen(yaml.safe_load('a: [')['a'])\nopen(yaml.safe_load(unknown)['a'])\nyaml.safe_load('d/' + unknown)", {}, "R b", ""),
        ("import yaml\nc = yaml.safe_load(open('made.yaml'))\nopen(c['a'])\nyaml.safe_load(open('/etc/x.yaml'))\nyaml.safe_load(open(unknown))", {}, "R made.yaml", ""),
        ("import yaml\nc = yaml.safe_load(open('a.yaml' if unknown else 'b.yaml'))\nopen(c['a'])", {"a.yaml": "a: x", "b.yaml": "a: y"}, "R x R y", "a.yaml b.yaml"),
        ("import json\nc = json.load(open('data.json'))\nopen(c['a'])\nd = json.loads(open('config.json').read())\nopen(d['b'])", {"data.json": '{"a": "x"}', "config.json": '{"b": "y"}'}, "R data.json R x R y", "config.json"),
        ("import tomllib, toml\nc = tomllib.load(open('c.toml', 'rb'))\nopen(c['a']['b'])\nopen(toml.load('c.toml')['a']['b'] + 'z')\nopen(tomllib.loads('q = \"w\"')['q'])", {"c.toml": "[a]\nb = 'x'"}, "R x R xz R w", "c.toml c.toml"),
        ("from ruamel.yaml import YAML\ny = YAML(typ='safe')\nopen(y.load(open('c.yaml'))['a'])\ny.dump({})", {"c.yaml": YAML}, "R x", "c.yaml"),
        ("import configparser\nc = configparser.ConfigParser()\nc.read('c.ini')\nopen(c['s']['a'] + c['s']['z'])\nopen(c.get('s', 'A'))\nopen(f\"{c.getint('s', 'n') + 1}\")\nopen(c.get('s', 'q', fallback='fb'))\nopen(c.get('s', 'q'))\nopen(c['none']['x'])\nfor s in c.sections():\n    open(s)\nfor k, v in c.items('s'):\n    open(k)\nc.items('none')\nc[unknown]\nc.write(1)", {"c.ini": "[DEFAULT]\nz = zz\n[s]\na = x\nn = 3\n"}, "R xzz R x R 4 R fb R s R z R a R n", "c.ini"),
        ("import configparser\nc = configparser.RawConfigParser()\nc.read(['c.ini', 'd.cfg'])\nopen(c.get('s', 'a'))\nopen(c.get('t', 'b'))", {"c.ini": "[s]\na = x", "d.cfg": "[t]\nb = y"}, "R x R y", "c.ini d.cfg"),
        ("from dotenv import load_dotenv, dotenv_values\nimport os\nload_dotenv()\nopen(os.environ['D'] + '/a')\nopen(os.getenv('E'))\nopen(dotenv_values('.env')['D'])\nload_dotenv('missing')", {".env": "# c\nexport D='d'\nE=e\n"}, "R d/a R e R d", ".env .env"),
        ("from box import ConfigBox, Box\nimport yaml\nc = ConfigBox(yaml.safe_load(open('params.yaml')))\nopen(c.d.k)\nopen(Box(a='b').a)\nopen(Box(unknown).a)\nopen(Box.from_yaml(filename='params.yaml').d.k)", {"params.yaml": YAML}, "R v R b", "params.yaml params.yaml"),
        ("import dvc.api\nc = dvc.api.params_show()\nopen(c['d']['k'])\nd = dvc.api.params_show('other.yaml', '/x')\nopen(d['a'])", {"params.yaml": YAML, "other.yaml": "a: y"}, "R v R y", "params.yaml other.yaml"),
        ("from omegaconf import OmegaConf\nc = OmegaConf.load('c.yaml')\nopen(c.p)\nopen(c.e)\nd = OmegaConf.merge(c, OmegaConf.create({'a': 'z', 'q': {'r': 's'}}), OmegaConf.from_cli())\nopen(d.a)\nopen(OmegaConf.select(d, 'q.r'))\nopen(OmegaConf.select(d, 'no', default='dd'))\nOmegaConf.update(d, 'q.t', 'u')\nopen(d.q.t)\nopen(OmegaConf.to_container(d)['a'])\nopen(OmegaConf.create('a: w').a)\nopen(d.w)\nopen(d.cwd + '/q')\nopen(d.m)", {"c.yaml": "a: x\np: ${a}/f\ne: ${oc.env:NOPE,eee}\nw: ${now:%Y}/y\ncwd: ${hydra:runtime.cwd}\nm: ???\nloop: ${loop}\n"}, "R x/f R eee R z R s R dd R u R w R q", "c.yaml"),
        ("from omegaconf import OmegaConf\nfrom dataclasses import dataclass\n@dataclass\nclass C:\n    a: str = 'x'\n    b: str\nopen(OmegaConf.structured(C).a)\nopen(OmegaConf.structured(C(b='y')).b)\nopen(OmegaConf.create([C]).a)", {}, "R x R y", ""),
        ("from omegaconf import OmegaConf\nc = OmegaConf.from_dotlist(['a.b=x', 'c=[p,q]', 'zz'])\nopen(c.a.b)\nopen(c.c)\nopen(OmegaConf.select(c, 'c[1]'))\nopen(OmegaConf.select(c, 'c[9]'))\nopen(OmegaConf.select(c, 'a.b.q'))\nOmegaConf.update(unknown, 'a', 'b')\nopen(OmegaConf.create({'l': ['${..n}', '${.....n}', '${oc.env:NO}', 3], 'n': 'N'}).l)", {}, "R x R p R q R N", ""),
        ("from dotenv import load_dotenv\nload_dotenv()\nimport anyconfig\nopen(anyconfig.load('c.yaml')['a'])\nfrom munch import munchify\nopen(munchify(anyconfig.load('c.yaml')).a)", {"c.yaml": YAML}, "R x", "c.yaml c.yaml"),
        ("from dynaconf import Dynaconf\ns = Dynaconf(settings_files=['settings.toml', 'two.yaml'])\nopen(s.a)\nopen(s.b)", {"settings.toml": "a = 'x'", "two.yaml": "b: y"}, "R x R y", "settings.toml two.yaml"),
        ("import ast\nopen(ast.literal_eval('\"a\"'))\nimport types\nimport yaml\nyaml.safe_load(3)", {}, "R a", ""),
    ],
)  # fmt: skip
def test_look_ups(read, text, files, expected, scripts) -> None:
    found = read(text, files=files)
    assert found.problems == []
    assert " ".join(dict.fromkeys(f"{'W' if one.writes else 'R'} {one.name}" for one in found.accesses)) == expected
    assert " ".join(found.scripts) == scripts


def test_parameters_of_the_stage_come_first(seen) -> None:
    text = "import yaml\nc = yaml.safe_load(open('params.yaml'))['a']\nopen(c['b'])\nopen(c['c'])"
    assert seen(text, files={"params.yaml": "a: {b: x, c: y}"}, parameters={"a.b": "z"}) == ["R z", "R y"]
    assert seen(text, parameters={"a.b": "z"}, script="other.py")[0] == "R z"
    assert seen("import dvc.api\nopen(dvc.api.params_show()['q'])", parameters={"q": "z"}) == ["R z"]


@pytest.mark.parametrize(
    ("name", "content", "call"),
    [
        ("c.yaml", "a: [", "yaml.safe_load"), ("config.json", "{", "json.load"), ("c.toml", "=", "tomllib.load"), ("c.json", "[" * 100_000, "json.load"),
        ("c.yaml", "a: !!python/object/apply:os.system [x]", "yaml.safe_load"), ("c.yaml", "a: &a [*a]", "yaml.safe_load"),
    ],
)  # fmt: skip
def test_broken_files_are_reported(read, name, content, call) -> None:
    found = read(f"import yaml, json, tomllib\nc = {call}(open('{name}'))\nopen('q')", files={name: content})
    assert [path for path, _ in found.problems] == [name]
    assert "q" in [one.name for one in found.accesses]


def test_broken_ini_is_reported(read) -> None:
    found = read("import configparser\nconfigparser.ConfigParser().read('c.ini')", files={"c.ini": "a"})
    assert found.problems == [("c.ini", "is no INI that can be read")]


def test_large_files_are_data(seen) -> None:
    text = "import json\nopen(json.load(open('c.json'))['a'])"
    assert seen(text, files={"c.json": '{"a": "x"}' + " " * (1 << 20)}) == ["R c.json"]


HYDRA = "import hydra\nfrom omegaconf import DictConfig\n@hydra.main(version_base=None, config_path='../conf', config_name='main')\ndef main(cfg):\n    open(cfg.a)\n    open(cfg.db.path)\nif __name__ == '__main__':\n    main()\n"
CONF = {
    "conf/main.yaml": "defaults:\n  - db: small\n  - optional extra: none\n  - override hydra/launcher: x\n  - _self_\na: ${db.path}/a\n",
    "conf/db/small.yaml": "path: s\n",
    "conf/db/large.yaml": "defaults:\n  - base\n  - inner: one\n  - /top: t\npath: l/${.name}${db.inner.x}${top.y}\nname: n\n",
    "conf/db/base.yml": "path: b\nname: m\n",
    "conf/db/inner/one.yaml": "x: X\n",
    "conf/top/t.yaml": "y: Y\n",
    "conf/exp/e.yaml": "# @package _global_\ndefaults:\n  - override /db: large\na: E\n",
    "conf/named/p.yaml": "# @package db\npath: P\n",
}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "R s/a R s"),
        ("a=z", "R z R s"),
        ("db.path=q", "R q/ R q"),
        ("db=large", "R l/nXY/a R l/nXY"),
        ("+exp=e", "R E R l/nXY"),
        ("+named=p", "R P/a R P"),
        ("+named@other=p ++db.path='w' ~a", "R w"),
        ("~db.path", ""),
        ("--config-name=other", "R o"),
        ("-cn other", "R o"),
        ("--config-path ../conf2 --config-name second", "R second"),
        ("-cp=../conf2 -cn=second --multirun", "R second"),
        ("--config-name=lists", "R X R P"),
    ],
)
def test_hydra(seen, words, expected) -> None:
    files = {
        **CONF,
        "conf/other.yaml": "defaults: [db: small]\na: o\ndb:\n  path: ???\n",
        "conf2/second.yaml": "a: second\n",
        "conf/lists.yaml": "defaults:\n  - db/inner: [one]\n  - named@db: p\na: ${db.inner.x}\n",
    }
    assert " ".join(seen(HYDRA, *words.split(), script="src/main.py", files=files)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "from hydra import initialize, compose\nwith initialize(config_path='conf'):\n    cfg = compose(config_name='main', overrides=['db=large', 'a=z'])\nopen(cfg.a)",
            ["R z"],
        ),
        (
            "from hydra import compose\nopen(compose('main').a)\nfrom hydra import initialize_config_dir\ninitialize_config_dir(unknown)\ncompose('main', overrides=unknown)",
            [],
        ),
        (
            "import hydra\n@hydra.main()\ndef main(cfg):\n    open(cfg.x)\n    open('a')\nmain()\nmain.__wrapped__\nmain.zz\nmain({})",
            ["R a"],
        ),
        ("import hydra\n@hydra.main\ndef main(cfg):\n    open('a')\nmain()", ["R a"]),
        (
            "import hydra\nfrom hydra.core.config_store import ConfigStore\nfrom dataclasses import dataclass\n@dataclass\nclass C:\n    a: str = 'x'\ncs = ConfigStore.instance()\ncs.store(name='base', node=C)\ncs.store(group='db', name='m', node={'p': 'q'})\ncs.zz\n@hydra.main(config_name='base')\ndef main(cfg):\n    open(cfg.a)\n    open(cfg.db.p)\nmain()",
            ["R x", "R q"],
        ),
        (
            "import hydra\nfrom hydra.utils import instantiate\nclass R:\n    def __init__(self, path, inner=None):\n        open(path)\nr = instantiate({'_target_': 'main.R', 'path': 'x'})",
            ["R x"],
        ),
        (
            "from hydra.utils import instantiate\nf = instantiate({'_target_': 'lib.go', '_partial_': True, 'a': 'x', 'b': {'_target_': 'lib.make'}})\nf()\ninstantiate({'_target_': 'pandas.read_csv', 'filepath_or_buffer': 'c.csv'})\ninstantiate({'_target_': 'open'})\ninstantiate(unknown)",
            ["R x", "R made", "R c.csv"],
        ),
    ],
)
def test_hydra_by_hand(seen, text, expected) -> None:
    lib = "def go(a, b):\n    open(a)\n    open(b)\ndef make():\n    return 'made'\n"
    words = ("+db=m",) if "ConfigStore" in text else ()
    assert seen(text, *words, files={**CONF, "lib.py": lib}) == expected
