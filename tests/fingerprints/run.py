#!/usr/bin/env python3
"""Same scenario, same seed: the same fingerprint on every build, with and without a trace.

Usage: run.py SCENARIO.yaml...              compare with stored.txt
       run.py --store SCENARIO.yaml...      write stored.txt anew (tools/update-fingerprints)

Runs the scenario with PVMSIM_BINARY twice, plain and with --trace, and the same again with PVMSIM_DEBUG_BINARY where
that is set (./dev test sets it). All fingerprints must be the stored one, and every run must end well: shipped
scenarios hold their own expectations.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STORED = Path(__file__).with_name("stored.txt")
STORED_HEAD = """\
# Fingerprints of the shipped scenarios. tools/update-fingerprints rewrites this file; a change here is a change of the
# model's behaviour and is explained in the commit that makes it.
"""


def stored():
    lines = STORED.read_text(encoding="utf-8").splitlines() if STORED.exists() else []
    return dict(line.split() for line in lines if line and not line.startswith("#"))


def fingerprint(binary, scenario, extra=()):
    """The fingerprint in the last line of a run, or an explanation in the form of an exception."""
    done = subprocess.run([binary, "run", str(scenario), *extra], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    output = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
    if done.returncode != 0:
        raise RuntimeError(f"{binary} run {scenario.name} {' '.join(extra)}: exit {done.returncode}\n{output[-3000:]}")
    found = re.findall(r"\bfingerprint=([0-9a-fA-F]+)\b", output)
    if not found:
        raise RuntimeError(f"{binary} run {scenario.name}: no fingerprint= in its output")
    return found[-1]


def all_fingerprints(scenario):
    """{how it was run: fingerprint}"""
    binaries = {"PVMSIM_BINARY": os.environ.get("PVMSIM_BINARY", str(ROOT / "build/release/pvmsim"))}
    if os.environ.get("PVMSIM_DEBUG_BINARY"):
        binaries["PVMSIM_DEBUG_BINARY"] = os.environ["PVMSIM_DEBUG_BINARY"]
    result = {}
    with tempfile.TemporaryDirectory(prefix="fingerprint.") as folder:
        for binary in binaries.values():
            result[f"{binary} run"] = fingerprint(binary, scenario)
            trace = Path(folder, "trace")
            result[f"{binary} run --trace"] = fingerprint(binary, scenario, ["--trace", str(trace)])
            if not trace.exists() or trace.stat().st_size == 0:
                raise RuntimeError(f"{binary} run --trace wrote no trace")
            trace.unlink()
    return result


def main(arguments):
    store = "--store" in arguments
    scenarios = [Path(a) for a in arguments if a != "--store"]
    known, failed = ({} if store else stored()), False
    for scenario in scenarios:
        name = scenario.stem
        try:
            found = all_fingerprints(scenario)
        except RuntimeError as error:
            print(error)
            failed = True
            continue
        if store and len(set(found.values())) == 1:
            known[name] = next(iter(found.values()))
        for how, value in found.items():
            same = value == known.get(name)
            failed |= not same
            print(f"{'same     ' if same else 'DIFFERENT'} {value} {how}")
        if name not in known:
            print(f"{name} is not in {STORED.name}: tools/update-fingerprints adds it")
        elif "PVMSIM_DEBUG_BINARY" not in os.environ:
            print("debug build not compared: PVMSIM_DEBUG_BINARY is not set")
    if store and not failed:
        lines = [f"{name} {value}\n" for name, value in sorted(known.items())]
        STORED.write_text(STORED_HEAD + "".join(lines), encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
