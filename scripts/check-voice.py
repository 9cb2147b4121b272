#!/usr/bin/env python3
"""Checks comments, pages and messages against docs/voice.md: the comments of sources and scripts, all
Markdown except docs/voice.md itself, the string literals of sources and the descriptions in YAML
use none of the words that a reader has to translate; pages and comments are wrapped at 100 columns.
Strings in tests can use any word.

`check-voice.py --root DIR` checks another tree.
"""
import argparse
import importlib.util
import pathlib
import re
import sys

# Words that are ruled out, and their replacements.
WORDS = {
    r"\bwhoever\b": "who, or name the reader, caller or client",
    r"\bwhomever\b": "whom",
    r"\bsomebody\b": "name the user, caller or process",
    r"\beverybody\b": "all, everyone or all users",
    r"\bbeside\b": "next to, or besides",
    r"\bshall\b": "will, must, or the present tense",
    r"\banew\b": "again",
    r"\bforetell\w*\b": "predict",
    r"\b(?:hence|whence|thereof|wherein|lest|forthwith)\b": "so, of it, where, so that, or immediately",
    r"\b(?:is|are|was|were|be|being) told\b": "gets, sees, or the verb for what happens",
    r"\ball the same\b": "nevertheless, also, or say it without",
    r"\bjust now\b": "now, or at the moment",
    r"\b(?:is|are|was|were|be|been) worked on\b": "is reconciled, is processed",
    r"\blook(?:s|ed|ing)? after\b": "manage, watch, or reconcile",
    r"\b(?:is|are|was|were|be|been) looked at\b": "is observed, is read, is checked",
    r", for (?:it|they|this|that|there|nothing|nobody|no) ": "because",
    r"\ball its life\b": "for its whole life",
    r"\bneeds not\b": "does not need",
    r"\b(?:allow|permit)s? to\b": "allow WHOM to, or permit it",
    r"\bshared out\b": "divided",
    r"\btaken for\b": "counts as",
    r"\bmay be had\b": "exists, is available",
    r"\blets go of\b": "releases, abandons",
    r"\b(?:is|are|was|were|be|been) made again\b": "is created again",
    r"\b(?:is|are|was|were|be|been) written down\b": "is recorded",
    r"\bfor ever so\b|\bso be it\b": "say it without",
}
RULES = [(re.compile(pattern, re.I), instead) for pattern, instead in WORDS.items()]
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
DESCRIPTION = re.compile(r"^\s*(?:- )?(?:description|summary|message):\s*(.*)$")
COMMENT = re.compile(r"//(.*)$|/\*(.*)$|^\s*\*(.*)$")
HASH_COMMENT = re.compile(r"(?:^|\s)#(.*)$")
SOURCES = ("*.hpp", "*.h", "*.cpp", "*.c")
# Frozen files are never edited; the others contain the words themselves.
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


def users_texts_of(path, name):
    """The texts of a file for users, as (line number, text): pages, messages, descriptions."""
    if path.suffix == ".md":
        yield from texts_of(path)
    elif path.suffix in (".cpp", ".hpp") and not path.stem.endswith("_test") and not name.startswith("tests/") \
            and "/testing/" not in name:
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            code = line if "//" not in line else re.sub(r"\s//\s.*$", "", line)
            if not code.lstrip().startswith("#include"):
                yield from ((number, text) for text in STRING.findall(code))
    elif path.suffix == ".yaml":
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if found := DESCRIPTION.match(line):
                yield number, found.group(1)


def too_long(path):
    """The numbers of the lines of a page or source that scripts/wrap-prose.py would wrap."""
    spec = importlib.util.spec_from_file_location("wrap_prose", pathlib.Path(__file__).with_name("wrap-prose.py"))
    wrap_prose = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(wrap_prose)
    text, mark = path.read_text(encoding="utf-8"), wrap_prose.mark_of(path)
    return wrap_prose.long_comment_lines(text, mark) if mark else wrap_prose.long_lines(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root.resolve()
    problems = []
    for path in sorted(p for pattern in SOURCES + HASHES + ("*.md",) for p in root.rglob(pattern)):
        name = str(path.relative_to(root))
        if name.startswith(("build/", ".")) or name.startswith(NOT_READ):
            continue
        texts = set(texts_of(path)) | set(users_texts_of(path, name))
        found = {(number, rule.search(text).group(0), instead) for number, text in texts
                 for rule, instead in RULES if rule.search(text)}
        problems += [f"{name}:{number}: \"{word}\": say {instead} (docs/voice.md)" for number, word, instead in sorted(found)]
        problems += [f"{name}:{number}: longer than 100 columns: run scripts/wrap-prose.py {name}" for number in too_long(path)]
    for problem in problems:
        print("check-voice:", problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
