#!/usr/bin/env python3
"""Plays transcripts: text files of commands and the output they must give.

Usage: run.py [--update] FILE.t...

    # a comment
    ? test -d "$PVMSIM_RECORDINGS"      skip the whole file, with this line as the word, unless the command succeeds
    $ pvmsim validate broken.yaml       a command, run by bash in the transcript's own empty directory
    | --strict                          the command goes on with this line
    > broken.yaml:3:1: unknown key      the next line of output (standard output and error together)
    ~ wall=[0-9.]+s$                    the next line of output matches this regular expression
    > ...                               any number of lines
    ! exit 2                            the exit status; 0 where nothing is said

PVMSIM_BINARY names the program; it is `pvmsim` on the transcript's PATH. PVMSIM_LIBRARY is the folder of the shipped
scenarios. Without these two, those of build/release are taken. --update rewrites the blocks that differ with what came
out: read the difference before you keep it. Exit status: 0 all as written, 1 not so, 77 skipped.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND_SECONDS_MAX = 120


class Block:
    """One command with what is expected of it, or (command None) lines that only stand in the file."""

    def __init__(self, line_number):
        self.line_number = line_number
        self.command = None
        self.skip_unless = None
        self.source = []
        self.expected = []
        self.exit_status = 0


def parse(path):
    blocks = [Block(1)]
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        sign, rest = line[:1], line[2:]
        if sign in ("$", "?") or (sign in ("#", "") and blocks[-1].command is not None):
            blocks.append(Block(number))
        block = blocks[-1]
        block.source.append(line)
        if sign == "$":
            block.command = rest
        elif sign == "?":
            block.skip_unless = rest
        elif sign == "|" and block.command is not None and not block.expected:
            block.command += "\n" + rest
        elif sign in (">", "~") and block.command is not None:
            block.expected.append((sign, rest))
        elif sign == "!" and block.command is not None and re.fullmatch(r"exit \d+", rest):
            block.exit_status = int(rest.split()[1])
        elif sign not in ("#", ""):
            sys.exit(f"{path}:{number}: not a transcript line: {line}")
    return blocks


def environment():
    env = dict(os.environ, NO_COLOR="1", LC_ALL="C.UTF-8", TZ="UTC")
    binary = Path(env.get("PVMSIM_BINARY", ROOT / "build/release/pvmsim")).resolve()
    env["PATH"] = f"{binary.parent}:{env['PATH']}"
    env.setdefault("PVMSIM_LIBRARY", str(ROOT / "scenarios/library"))
    return env


def run(command, folder):
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment(), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=COMMAND_SECONDS_MAX, check=False)
    return done.stdout.decode("utf-8", "replace").splitlines(), done.returncode


def matches(expected, lines):
    """Whether the lines fit the expectation; `> ...` stands for any number of lines."""
    fits = {0}  # how many lines the expectation so far may have used
    for sign, text in expected:
        if (sign, text) == (">", "..."):
            fits = set(range(min(fits), len(lines) + 1)) if fits else set()
        else:
            fits = {n + 1 for n in fits if n < len(lines) and line_fits(sign, text, lines[n])}
    return len(lines) in fits


def line_fits(sign, text, line):
    return line.rstrip() == text.rstrip() if sign == ">" else re.search(text, line) is not None


def rewritten(block, lines, status):
    kept = [line for line in block.source if line[:1] in ("$", "|")]
    return kept + [f"> {line}".rstrip() for line in lines] + ([f"! exit {status}"] if status else [])


def play(path, update):
    blocks, failures = parse(path), 0
    with tempfile.TemporaryDirectory(prefix="transcript.") as folder:
        for block in blocks:
            if block.skip_unless and run(block.skip_unless, folder)[1] != 0:
                print(f"{path.name}: skipped: {block.skip_unless}")
                return 77
            if block.command is None:
                continue
            lines, status = run(block.command, folder)
            if matches(block.expected, lines) and status == block.exit_status:
                continue
            failures += 1
            if update:
                block.source = rewritten(block, lines, status)
                continue
            print(f"{path}:{block.line_number}: $ {block.command}")
            print("  expected:", *(f"{sign} {text}" for sign, text in block.expected), sep="\n    ")
            print(f"  came out (exit {status}, expected {block.exit_status}):", *lines, sep="\n    > ")
    if update and failures:
        path.write_text("\n".join(line for block in blocks for line in block.source) + "\n", encoding="utf-8")
        print(f"{path}: rewrote {failures} blocks")
        return 0
    return 1 if failures else 0


def main(arguments):
    update = "--update" in arguments
    paths = [Path(a) for a in arguments if a != "--update"]
    if not paths:
        sys.exit(__doc__)
    results = [play(path, update) for path in paths]
    return 1 if 1 in results else 77 if 77 in results and len(results) == 1 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
