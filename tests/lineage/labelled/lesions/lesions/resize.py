from PIL import Image

from lesions.settings import Settings


class Resizer:
    def __init__(self, settings):
        self.settings = settings

    def run(self):
        self.settings.resized.mkdir(parents=True, exist_ok=True)
        side = (self.settings.size, self.settings.size)
        for source in sorted(self.settings.photographs.glob("*.jpg")):
            with Image.open(source) as image:
                image.convert("RGB").resize(side).save(self.settings.resized / f"{source.stem}.png")


if __name__ == "__main__":
    Resizer(Settings.load()).run()
