"""Train a classifier on the images below DIR, test it, and write how well it does to RESULT.

python train.py DIR RESULT
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

from sklearn.svm import SVC

SIZE = 8


def pixels(path: Path) -> list[int]:
    """Read an image that ``make_images.py`` wrote: its only IDAT chunk holds rows with a filter byte of 0."""
    data = path.read_bytes()
    start = data.index(b"IDAT")
    rows = zlib.decompress(data[start + 4 : start + 4 + int.from_bytes(data[start - 4 : start])])
    return [value for row in range(SIZE) for value in rows[row * (SIZE + 1) + 1 : (row + 1) * (SIZE + 1)]]


def load(directory: Path) -> tuple[list[list[int]], list[str]]:
    """Read every image of a directory of class folders."""
    paths = sorted(directory.glob("*/*.png"))
    return [pixels(path) for path in paths], [path.parent.name for path in paths]


def main(data: Path, result: Path) -> None:
    """Train on ``train``, test on ``test``."""
    model = SVC(gamma=0.000004)
    model.fit(*load(data / "train"))
    accuracy = model.score(*load(data / "test"))
    text = f"accuracy on the test images: {accuracy:.3f}"
    result.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
