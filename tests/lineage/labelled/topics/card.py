import argparse
import json
import string

p = argparse.ArgumentParser()
p.add_argument("--statistics", type=argparse.FileType("r"), required=True)
p.add_argument("--template", required=True)
a = p.parse_args()

with open(a.template) as f:
    template = string.Template(f.read())
print(template.substitute(json.load(a.statistics)))
