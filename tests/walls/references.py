#!/usr/bin/env python3
"""Whatever the documents promise and the comments point at must be there.

Every path in backticks in docs/coverage.md and docs/SPECIFICATION.md exists; every docs/*.md named in a source file exists;
no requirement stands twice in the coverage table. Usage: references.py ROOT. Exit status: 0 all there, 1 not so.
"""
import re
import sys
from pathlib import Path

ROOT = Path(sys.argv[1])
SOURCES = ("sim", "fabric", "hypervisor", "aix", "vios", "scenarios", "apps", "tests", "bench")


def missing_paths(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    for path in re.findall(r"`((?:tests|scenarios|bench|docs|tools|schema)/[^`\s]+)`", text):
        if not (ROOT / path).exists():
            yield f"{document}: {path} does not exist"


def missing_documents():
    for folder in SOURCES:
        for source in sorted((ROOT / folder).rglob("*")):
            if source.suffix not in (".cpp", ".hpp", ".py", ".yaml") or "fixtures" in source.parts:
                continue
            for document in re.findall(r"docs/[a-z0-9_/-]+\.md", source.read_text(encoding="utf-8", errors="replace")):
                if not (ROOT / document).exists():
                    yield f"{source.relative_to(ROOT)}: {document} does not exist"


def repeated_requirements():
    rows = re.findall(r"^\| (R-[A-Z]+-\d+) \|", (ROOT / "docs/coverage.md").read_text(encoding="utf-8"), re.M)
    for row in sorted(set(rows)):
        if rows.count(row) > 1:
            yield f"docs/coverage.md: {row} stands twice"
    if len(rows) < 60:
        yield f"docs/coverage.md: only {len(rows)} requirements; the table is broken"


problems = [*missing_paths("docs/coverage.md"), *missing_paths("docs/SPECIFICATION.md"), *missing_documents(), *repeated_requirements()]
for problem in problems:
    print(problem)
sys.exit(1 if problems else 0)
