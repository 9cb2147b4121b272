#!/usr/bin/env python3
"""Comments and pages speak as docs/voice.md says: comments of sources and scripts, and all Markdown but docs/voice.md itself, use
none of the words that it rules out.

`check-voice.py --root DIR` checks another tree.
"""
import argparse
import pathlib
import re
import sys

# What is ruled out, and what to say instead.
WORDS = {
    r"\bwhoever\b": "who, or name the reader, caller or client",
    r"\bwhomever\b": "whom",
    r"\bsomebody\b": "name the user, caller or process",
    r"\beverybody\b": "all, everyone or all users",
    r"\bbeside\b": "next to, or besides",
    r"\bshall\b": "will, must, or the present tense",
    r"\banew\b": "again",
    r"\bforetell\w*\b": "predict",
    r"\b(?:is|are|was|were|be|being) told\b": "gets, sees, or the verb for what happens",
}
RULES = [(re.compile(pattern, re.I), instead) for pattern, instead in WORDS.items()]
COMMENT = re.compile(r"//(.*)$|/\*(.*)$|^\s*\*(.*)$")
HASH_COMMENT = re.compile(r"(?:^|\s)#(.*)$")
SOURCES = ("*.hpp", "*.h", "*.cpp", "*.c")
# What was frozen is never edited; the others name the words.
NOT_READ = ("tests/abi/frozen/", "docs/voice.md", "scripts/check-voice.py", "tests/house/checks_test.py")
HASHES = ("*.sh", "*.py", "*.cmake", "CMakeLists.txt", "*.yaml")


def texts_of(path):
    """The prose of a file as (line number, text): comments of a source, paragraphs of a page."""
    fenced = False
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if path.suffix == ".md":
            fenced = not fenced if line.lstrip().startswith("```") else fenced
            if not fenced and not line.startswith("    "):
                yield number, re.sub(r"`[^`]*`", "", line)
            continue
        comment = (COMMENT if path.suffix in (".hpp", ".h", ".cpp", ".c") else HASH_COMMENT).search(line)
        if comment:
            yield number, re.sub(r"`[^`]*`", "", next(text for text in comment.groups() if text is not None))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root.resolve()
    problems = []
    for path in sorted(p for pattern in SOURCES + HASHES + ("*.md",) for p in root.rglob(pattern)):
        name = str(path.relative_to(root))
        if name.startswith(("build/", ".")) or name.startswith(NOT_READ):
            continue
        for number, text in texts_of(path):
            for rule, instead in RULES:
                found = rule.search(text)
                if found:
                    problems.append(f"{name}:{number}: \"{found.group(0)}\": say {instead} (docs/voice.md)")
    for problem in problems:
        print("check-voice:", problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
