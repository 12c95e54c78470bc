"""Judges documents by a JSON Schema: prints, one a line, the names of those that it rejects.

Usage: loader_schema_agrees.py FILE, a JSON object {"schema": {...}, "documents": {name: document}}.
"""
import json
import sys

from jsonschema import Draft7Validator


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    Draft7Validator.check_schema(job["schema"])
    validator = Draft7Validator(job["schema"])
    for name, document in job["documents"].items():
        if not validator.is_valid(document):
            print(name)
    print("done")


main()
