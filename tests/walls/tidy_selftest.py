#!/usr/bin/env python3
"""Proves that every rule of tidy fires: plays the small bad trees of fixtures/cases.txt through it.

A case must be found by exactly the rule it names, and by no other; a rule without a case is a failure, too.
"""
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
import tidy  # noqa: E402  (beside this file; the line above keeps the tree clean)


def cases(text):
    """Yields (rule, {path: content}) of the fixture file."""
    rule, files, path = None, {}, None
    for line in text.splitlines():
        if line.startswith("@@ "):
            if rule:
                yield rule, files
            _, rule, path = line.split()
            files = {path: []}
        elif line.startswith("@+ "):
            path = line.split()[1]
            files[path] = []
        elif line.startswith("@* "):
            _, count, repeated = line.split(" ", 2)
            files[path] += [repeated] * int(count)
        elif rule:
            files[path].append(line)
    yield rule, files


def play(files):
    with tempfile.TemporaryDirectory() as root:
        for path, lines in files.items():
            file = Path(root, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n".join(lines).rstrip("\n") + "\n", encoding="utf-8")
        return tidy.Tidy(root).run()


def main():
    text = Path(__file__).with_name("fixtures").joinpath("cases.txt").read_text(encoding="utf-8")
    failures, proved = [], set()
    for rule, files in cases(text):
        found = {finding[2] for finding in play(files)}
        wanted = set() if rule == "none" else {rule}
        proved |= wanted & found
        if found != wanted:
            failures.append(f"{'+'.join(files)}: wanted {sorted(wanted)}, found {sorted(found)}")
    failures += [f"no case proves the rule {rule}" for rule in sorted(tidy.RULES - proved)]
    print("\n".join(failures) or f"tidy: each of {len(proved)} rules fires")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
