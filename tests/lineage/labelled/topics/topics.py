"""Commands that make the corpus."""
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from datasets import load_dataset, load_from_disk

app = typer.Typer()


@app.command()
def fetch(target: Path, revision: Annotated[str, typer.Option(help="tag of the corpus")] = "main"):
    """Download the corpus."""
    articles = load_dataset("example-org/news-articles", revision=revision, split="train")
    articles.save_to_disk(target)


@app.command()
def clean(
    source: Path,
    target: Path,
    minimum_words: Annotated[int, typer.Option()] = 20,
):
    """Drop what is too short, or there twice."""
    articles = load_from_disk(source)
    frame = pl.from_arrow(articles.data.table)
    frame = frame.filter(pl.col("text").str.split(" ").list.len() >= minimum_words).unique("text")
    target.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(target)


if __name__ == "__main__":
    app()
