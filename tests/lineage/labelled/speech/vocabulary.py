import collections
import json
import pickle

import click


@click.command()
@click.argument("manifests", nargs=-1, type=click.Path())
@click.option("--to", "target", default="words.pkl")
def main(manifests, target):
    words = collections.Counter()
    for path in manifests:
        with open(path) as lines:
            for line in lines:
                words.update(json.loads(line)["speaker"].split())
    with open(target, "wb") as out:
        pickle.dump(words, out)


if __name__ == "__main__":
    main()
