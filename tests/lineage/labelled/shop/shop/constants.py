from pathlib import Path

BUILD = Path("build")
STATIC = Path("static")
DATABASE = "shop.sqlite"
