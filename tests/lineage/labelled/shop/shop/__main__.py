import argparse

from shop.steps import clean, enrich, extract, publish

STEPS = {
    "extract": extract.run,
    "clean": clean.run,
    "enrich": enrich.run,
    "publish": publish.run,
}


def main():
    parser = argparse.ArgumentParser(prog="shop")
    parser.add_argument("step", choices=sorted(STEPS))
    parser.add_argument("--day")
    parser.add_argument("--destination", default="public")
    options = parser.parse_args()
    STEPS[options.step](options)


if __name__ == "__main__":
    main()
