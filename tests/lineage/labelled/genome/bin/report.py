import argparse
import html

parser = argparse.ArgumentParser()
for name in ("counts", "exons", "output"):
    parser.add_argument(f"--{name}", required=True)
arguments = parser.parse_args()

with open(arguments.counts) as source:
    rows = [line.split() for line in source]
exons = sum(1 for _ in open(arguments.exons))
with open(arguments.output, "w") as target:
    target.write(f"<h1>{exons} exons</h1><table>")
    for number, chromosome in rows:
        target.write(f"<tr><td>{html.escape(chromosome)}</td><td>{number}</td></tr>")
    target.write("</table>")
