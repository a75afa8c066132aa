import csv
import json
from pathlib import Path

import click


@click.command()
@click.option("--language", required=True)
@click.option("--speakers", type=click.Path(exists=True, dir_okay=False))
@click.option("--output", type=click.File("w"), required=True)
@click.argument("clips", type=click.Path(file_okay=False, path_type=Path))
def manifest(language, speakers, output, clips):
    """Write one line for each clip."""
    with open(speakers, encoding="utf-8") as stream:
        people = {row["id"]: row for row in csv.DictReader(stream, delimiter="\t")}
    for clip in sorted(clips.iterdir()):
        speaker = clip.stem.split("-")[0]
        line = {"clip": clip.name, "language": language, "speaker": people[speaker]["name"]}
        output.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    manifest()
