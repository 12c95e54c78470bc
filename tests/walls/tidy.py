#!/usr/bin/env python3
"""The house style as a test: whatever a machine can see of it, a machine checks.

Usage: tidy.py [--report] [ROOT]

Each finding is one line `file:line: rule: what is wrong`; the exit status is 1 when there is one. --report also lists
the longest files and functions. A line that must break a rule says so and why: `// tidy: allow(rule) reason`, at the
end of that line or alone on the line before. Rules about words look at code only, with comments and strings blanked out,
unless they say otherwise.

What it cannot see (names that are not the product's, a missing digest line, floating-point time) stays with review.
"""
import os
import re
import sys
from pathlib import Path

# Folder -> what its files may include. The order of the house; cmake/modules.cmake makes the compiler hold it, this
# table also covers the tests and says it in words.
LAYERS = {
    "sim": [],
    "fabric/wire": ["sim"],
    "hypervisor": ["fabric/wire", "sim"],
    "fabric": ["fabric/wire", "sim"],
    "aix": ["hypervisor", "fabric", "fabric/wire", "sim"],
    "vios": ["aix", "hypervisor", "fabric", "fabric/wire", "sim"],
    "hmc": ["vios", "aix", "hypervisor", "fabric", "fabric/wire", "sim"],
    "console": ["hmc", "vios", "aix", "hypervisor", "fabric", "fabric/wire", "sim"],
    "scenarios": ["console", "hmc", "vios", "aix", "hypervisor", "fabric", "fabric/wire", "sim"],
    "apps": ["scenarios", "console", "hmc", "vios", "aix", "hypervisor", "fabric", "fabric/wire", "sim"],
}
MODEL_FOLDERS = tuple(LAYERS)
CODE_FOLDERS = MODEL_FOLDERS + ("tests", "bench")
TEXT_FOLDERS = CODE_FOLDERS + ("cmake", "tools", "docs", ".ci")
SKIPPED = ("tests/walls/fixtures",)
TEXT_SUFFIXES = {".cpp", ".hpp", ".py", ".sh", ".cmake", ".txt", ".json", ".yaml", ".yml", ".md", ".t", ""}

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
OPENING_COMMENT_LINES_MIN = 2

POWER_WORDS = {
    "lpar", "vlan", "wwpn", "wwnn", "vios", "partition", "powervm", "hypervisor", "cec", "adapter", "hmc", "aix", "npiv",
    "vscsi", "lun", "mpio", "crq", "padmin", "phyp", "lmb",
}
MARKERS = re.compile(r"\b(" + "|".join(["FIX" + "ME", "TO" + "DO", "XX" + "X", "HA" + "CK"]) + r")\b")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:wo" + r"rk|ro" + r"ot)/")
SHARED_PATH = re.compile(r"\.\./sha" + r"red\b")
DISTRIBUTION = re.compile(r"\bstd::\w+_distribution\b")
CLOCK_OR_CHANCE = re.compile(
    r"\b(?:random_device|system_clock|steady_clock|high_resolution_clock|file_clock|sleep_for|sleep_until|usleep|nanosleep|"
    r"gettimeofday|clock_gettime|default_random_engine|mt19937(?:_64)?|s?rand\s*\(|std::time\s*\(|std::clock\s*\()"
)
UNORDERED_NAME = re.compile(r"\bunordered_(?:flat_|node_)?(?:multi)?(?:map|set)\s*<")
POINTER_KEY = re.compile(r"\bstd::(?:unordered_)?(?:multi)?(?:map|set)\s*<\s*(?:const\s+)?[\w:]+(?:\s+const)?\s*\*")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
ALLOW = re.compile(r"//\s*tidy:\s*allow\(([\w-]+)\)\s+\S+")
DEAD_CODE = re.compile(
    r"^\s*//\s*(?:(?:if|for|while|switch)\s*\(.*[{;)]|return\b[^.]*;|(?:auto|const|int|bool|std::\w+)\b[^.]*[=(].*;|"
    r"#\s*include\b.*|[\w:]+(?:(?:\.|->)\w+)*\([^.]*\);|[\w.\->\[\]]+\s*[-+*/]?=\s*[^=].*;|[{}])\s*$"
)

RULES = {
    "layer", "relative-include", "power-word", "std-distribution", "clock-or-chance", "unordered-iteration", "pointer-key",
    "marker", "machine-path", "shared-path", "file-size", "function-size", "pragma-once", "opening-comment", "dead-code",
    "using-namespace",
}


def blank(text):
    """The code with comments, strings and character literals replaced by spaces; line structure is kept."""
    token = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"([^()\\\s]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S
    )
    return token.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def layer_of(path):
    """The longest folder of LAYERS that the path lies in; for tests/<layer>/ that layer; else None."""
    inside = path[len("tests/"):] if path.startswith("tests/") else path
    found = [folder for folder in LAYERS if inside.startswith(folder + "/")]
    if path.startswith("tests/wire/"):
        return "fabric/wire"
    return max(found, key=len) if found else None


class Source:
    """One C++ file: its lines, and its code without comments and strings."""

    def __init__(self, root, path):
        self.path = path
        self.text = (root / path).read_text(encoding="utf-8")
        self.lines = self.text.splitlines()
        self.code = blank(self.text)
        self.code_lines = self.code.splitlines()
        self.is_header = path.endswith(".hpp")
        self.in_model = path.startswith(tuple(folder + "/" for folder in MODEL_FOLDERS))


class Tidy:
    def __init__(self, root):
        self.root = Path(root)
        self.findings = []
        self.file_sizes = []
        self.function_sizes = []
        self.unordered = {}

    def say(self, path, line, rule, text, lines=None):
        assert rule in RULES, rule
        for index in (line - 1, line - 2):
            if lines and 0 <= index < len(lines):
                allowed = ALLOW.search(lines[index])
                alone = index == line - 1 or lines[index].lstrip().startswith("//")
                if allowed and allowed.group(1) == rule and alone:
                    return
        self.findings.append((path, line, rule, text))

    def run(self):
        texts = list(self.files())
        sources = [Source(self.root, p) for p in texts if p.endswith((".cpp", ".hpp")) and p.startswith(CODE_FOLDERS)]
        for source in sources:
            self.unordered[source.path] = unordered_names(source.code)
        for source in sources:
            self.check_source(source)
        for path in texts:
            self.check_text(path)
        return sorted(self.findings)

    def files(self):
        for folder in ("",) + TEXT_FOLDERS:
            if "/" in folder:
                continue
            top = self.root / folder
            names = sorted(os.listdir(top)) if folder == "" else []
            paths = [top / n for n in names if (top / n).is_file()]
            if folder and top.is_dir():
                paths = sorted(p for p in top.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
            for path in paths:
                name = path.relative_to(self.root).as_posix()
                if path.suffix in TEXT_SUFFIXES and not name.startswith(SKIPPED) and not name.startswith(".git"):
                    yield name

    # Rules about any text of the project.
    def check_text(self, path):
        try:
            lines = (self.root / path).read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            return
        for number, line in enumerate(lines, 1):
            if not path.endswith(".md") and MARKERS.search(line):
                self.say(path, number, "marker", "finish it, or file it: " + line.strip()[:80])
            if MACHINE_PATHS.search(line):
                self.say(path, number, "machine-path", "a path of one machine: " + line.strip()[:80])
            if SHARED_PATH.search(line) and path != ".ci/run":
                self.say(path, number, "shared-path", "only .ci/run may look outside the tree")

    # Rules about C++.
    def check_source(self, source):
        self.check_shape(source)
        self.check_includes(source)
        self.check_words(source)
        self.check_unordered(source)
        self.check_functions(source)

    def check_shape(self, source):
        size = len(source.lines)
        self.file_sizes.append((size, source.path))
        if source.in_model and size > FILE_LINES_MAX:
            self.say(source.path, size, "file-size", f"{size} lines, limit {FILE_LINES_MAX}: split it by concept")
        opening = 0
        while opening < size and source.lines[opening].startswith("//"):
            opening += 1
        if opening < OPENING_COMMENT_LINES_MIN:
            self.say(source.path, 1, "opening-comment",
                     f"{opening} lines of {OPENING_COMMENT_LINES_MIN} or more: what it models, leaves out, whose rule it is")
        if source.is_header and not re.search(r"^#pragma once$", source.text, re.M):
            self.say(source.path, 1, "pragma-once", "header without #pragma once")

    def check_includes(self, source):
        layer = layer_of(source.path)
        for number, line in enumerate(source.lines, 1):
            include = INCLUDE.match(line)
            if not include:
                continue
            target = include.group(1)
            if not target.startswith(tuple(folder + "/" for folder in CODE_FOLDERS)):
                self.say(source.path, number, "relative-include", f'"{target}": write the path from the root', source.lines)
                continue
            wanted = layer_of(target)
            if target.startswith("tests/") and source.in_model or target.startswith("bench/") and source.in_model:
                self.say(source.path, number, "layer", f"the product does not include {target}", source.lines)
            elif layer and wanted and wanted != layer and wanted not in LAYERS[layer]:
                self.say(source.path, number, "layer", f"{layer}/ may not include {wanted}/", source.lines)

    def check_words(self, source):
        at_edge = source.path.startswith(("apps/", "bench/"))
        for number, (line, code) in enumerate(zip(source.lines, source.code_lines), 1):
            def say(rule, text):
                self.say(source.path, number, rule, text, source.lines)

            if source.path.startswith("sim/"):  # comments and strings count as well: the kernel knows no domain
                words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", re.sub(r"\bstd::(?:ranges::)?\w+", "", line))
                for word in sorted({w.lower() for w in words} & POWER_WORDS):
                    say("power-word", f'"{word}" is no word of the kernel')
            if DISTRIBUTION.search(code):
                say("std-distribution", "its numbers differ between libraries: use the entity's random stream")
            if not at_edge and CLOCK_OR_CHANCE.search(code):
                say("clock-or-chance", "only the engine knows time, only an entity's stream knows chance")
            if POINTER_KEY.search(code):
                say("pointer-key", "order and hash by identity, not by address")
            if source.is_header and re.search(r"\busing\s+namespace\b", code):
                say("using-namespace", "a header opens no namespace for its readers")
            if DEAD_CODE.match(line):
                say("dead-code", "commented-out code: delete it, the history keeps it")

    def check_unordered(self, source):
        if not source.in_model:
            return
        names = set(self.unordered[source.path])
        for line in source.lines:
            include = INCLUDE.match(line)
            if include:
                names |= {n for n in self.unordered.get(include.group(1), ()) if n.endswith("_") or len(n) > 3}
        if not names:
            return
        any_name = "|".join(sorted(map(re.escape, names)))
        walk = re.compile(
            r"\bfor\s*\([^;()]*:\s*(?:\*?this->|\w+(?:\.|->))*(%s)\s*\)|(?<![\w.])(%s)(?:\.|->)c?begin\s*\(" % (any_name, any_name)
        )
        for number, code in enumerate(source.code_lines, 1):
            if walk.search(code):
                self.say(source.path, number, "unordered-iteration", "the order is the library's, not ours", source.lines)

    def check_functions(self, source):
        for name, first, last in functions(source.code):
            size = last - first + 1
            self.function_sizes.append((size, f"{source.path}:{first} {name}"))
            if source.in_model and size > FUNCTION_LINES_MAX:
                text = f"{name} has {size} lines, limit {FUNCTION_LINES_MAX}"
                self.say(source.path, first, "function-size", text, source.lines)


def unordered_names(code):
    """Names of variables and members declared as unordered containers."""
    names = set()
    for match in UNORDERED_NAME.finditer(code):
        depth, at = 1, match.end()
        while at < len(code) and depth:
            depth += {"<": 1, ">": -1}.get(code[at], 0)
            at += 1
        declared = re.match(r"\s*&?\s*(\w+)\s*[;={,)]", code[at:at + 120])
        if declared:
            names.add(declared.group(1))
    return names


def functions(code):
    """(name, first line, last line) of each function body outside other functions; brace-counting, not parsing."""
    code = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: re.sub(r"[^\n]", " ", m.group()), code, flags=re.M)
    stack, inside, start = [], None, 0
    for match in re.finditer(r"[{};]", code):
        at, what = match.start(), match.group()
        if what == "{":
            header = code[start:at]
            kind = "block"
            if inside is None and is_function(header):
                kind = "function"
                names = re.findall(r"([\w:~]+|operator\S+)\s*\(", header)
                name = names[0] if names else "lambda"
                first = code.count("\n", 0, start + len(header) - len(header.lstrip())) + 1
                inside = (len(stack), name, first)
            stack.append(kind)
        elif what == "}" and stack:
            stack.pop()
            if inside and len(stack) == inside[0]:
                yield inside[1], inside[2], code.count("\n", 0, at) + 1
                inside = None
        start = match.end()


def is_function(header):
    header = re.sub(r"\boperator\s*[^\w\s(]+", "operator_", header.strip())
    header = re.sub(r"^(?:template\s*<[^{}]*?>\s*(?=\w))", "", header)
    if re.search(r"\b(?:namespace|enum)\b", header) or re.match(r"^(?:class|struct|union)\b", header):
        return False
    if re.search(r"\]\s*(?:\([^()]*\))?[^=()]*$", header) and "=" in header and "[" in header.split("=", 1)[1]:
        return True  # a lambda bound to a name
    return bool(re.search(r"\)[^()=]*$", header)) and "=" not in header.split("(", 1)[0]


def main(arguments):
    report = "--report" in arguments
    roots = [a for a in arguments if not a.startswith("-")]
    tidy = Tidy(roots[0] if roots else Path(__file__).resolve().parents[2])
    findings = tidy.run()
    for path, line, rule, text in findings:
        print(f"{path}:{line}: {rule}: {text}")
    if report:
        for title, sizes in (("longest files", tidy.file_sizes), ("longest functions", tidy.function_sizes)):
            print(f"{title}:")
            for size, name in sorted(sizes, reverse=True)[:12]:
                print(f"  {size:5} {name}")
    sizes = [size for size, _ in tidy.function_sizes] or [0]
    print(f"tidy: {len(tidy.file_sizes)} sources, {len(tidy.function_sizes)} functions (longest {max(sizes)} lines), "
          f"{len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
