"""Write scikit-learn's digits as PNG images in class folders: ``train/3/0042.png``.

    python make_images.py DIR

1,797 handwritten digits of 8 by 8 pixels in 17 shades (Alpaydin and Kaynak, 1998, "Optical Recognition of Handwritten
Digits", CC BY 4.0); the last fifth becomes the test data. They come with scikit-learn: no network is needed.
"""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

from sklearn.datasets import load_digits

SHADES = 16
TEST_FROM = 1437  # four fifths; the images come in no particular order


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one chunk of a PNG file (PNG specification, section 5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(rows: list[bytes]) -> bytes:
    """Return an image with 8 bits of grey for each pixel."""
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def main(target: Path) -> None:
    """Write every image."""
    digits = load_digits()
    for number, (image, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        rows = [bytes(int(shade) * 255 // SHADES for shade in row) for row in image]
        part = "test" if number >= TEST_FROM else "train"
        path = target / part / str(label) / f"{number:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(rows))
    print(f"wrote {len(digits.images):,} images")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
