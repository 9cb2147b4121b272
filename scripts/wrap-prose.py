#!/usr/bin/env python3
"""Wraps the prose of Markdown pages, and the comments of sources and scripts, at 100 columns, as
docs/voice.md says: `wrap-prose.py FILE...`.

Wraps a paragraph or list item only if one of its lines is too long. Tables, headings and code stay
unchanged; text in backquotes, and links, are never broken.
"""
import pathlib
import re
import sys

WIDTH = 100
TOKEN = re.compile(r"(?:`+[^`]*`+|!?\[[^\]]*\]\([^)]*\)|[^\s`\[]|\[)+")
ITEM = re.compile(r"^(\s*)((?:[-*+]|\d+[.)])\s+|>\s?)?")
BEGINS_AN_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
# These would be markup at the start of a line.
NEVER_FIRST = re.compile(r"^(?:[-+*#>]+|\d+[.)]|\|.*|=+|~~~.*|```.*)$")
NO_PROSE = ("|", "#", "```", "<", "---", "===")
# What begins a comment, by the end of the file's name.
MARKS = {**dict.fromkeys((".hpp", ".h", ".cpp", ".c"), "//"),
         **dict.fromkeys((".sh", ".py", ".cmake", ".yaml", "CMakeLists.txt"), "#")}
# Aligned columns, and directives for tools.
NO_COMMENT_PROSE = re.compile(r"\S {2,}\S|NOLINT|clang-format|shellcheck")


def words_of(text):
    """The parts of the text between which lines can be broken."""
    words = []
    for token in TOKEN.findall(text):
        if words and NEVER_FIRST.match(token):
            words[-1] += " " + token
        else:
            words.append(token)
    return words


def blocks_of(text):
    """The lines of a page as (is prose, first line number, lines): prose is one paragraph or list item."""
    lines = text.split("\n")
    fenced = is_code = False
    at = 0
    while at < len(lines):
        line = lines[at]
        fence = line.lstrip().startswith("```")
        fenced = fenced != fence
        opens = at == 0 or not lines[at - 1].strip()
        indented = line.startswith("    ") and (is_code or (opens and not BEGINS_AN_ITEM.match(line)))
        is_code = fenced or fence or indented
        end = at + 1
        if is_code or not line.strip() or line.lstrip().startswith(NO_PROSE):
            yield False, at + 1, lines[at:end]
        else:
            while end < len(lines) and lines[end].strip() and not lines[end].lstrip().startswith(NO_PROSE) \
                    and not BEGINS_AN_ITEM.match(lines[end]):
                end += 1
            yield True, at + 1, lines[at:end]
        at = end


def is_too_long(line, width=WIDTH):
    return len(line) > width and len(words_of(line[len(ITEM.match(line).group(0)):])) > 1


def mark_of(path):
    """What begins a comment in the file; None for a page."""
    return next((mark for end, mark in MARKS.items() if path.name.endswith(end)), None)


def comments_of(text, mark):
    """The comments on lines of their own, as (first line number, prefix of each line, texts). An indented line is a command
    or a table, unless it continues a list item: it is left out, and ends a comment."""
    begins, first, texts, in_item = None, 0, [], False
    comment = re.compile(rf"^(\s*{mark})(?: (.*))?$")
    if "Do not edit" in text.split("\n", 1)[0]:
        return  # generated
    for number, line in enumerate(text.split("\n") + [""], 1):
        found = comment.match(line)
        body = found.group(2) or "" if found else ""
        if found and body.startswith("  ") and not in_item:
            found = None
        in_item = bool(found and body and (in_item or BEGINS_AN_ITEM.match(body)))
        if found and found.group(1) == begins:
            texts.append(body)
            continue
        if texts:
            yield first, begins, texts
        begins, first, texts = (found.group(1), number, [body]) if found else (None, 0, [])


def long_comment_lines(text, mark):
    """Likewise for the comments of a source or script."""
    for first, begins, texts in comments_of(text, mark):
        width = WIDTH - len(begins) - 1
        for prose, at, lines in blocks_of("\n".join(texts)):
            if prose and not any(map(NO_COMMENT_PROSE.search, lines)):
                yield from (first + at + n - 1 for n, line in enumerate(lines) if is_too_long(line, width))


def long_lines(text):
    """The numbers of the lines of prose that are too long and can be wrapped."""
    for prose, first, lines in blocks_of(text):
        for number, line in enumerate(lines, first):
            if prose and is_too_long(line):
                yield number


def wrapped(lines, width=WIDTH):
    indent, marker = ITEM.match(lines[0]).group(1), ITEM.match(lines[0]).group(2) or ""
    quoted = marker.startswith(">")
    further = indent + (marker if quoted else " " * len(marker))
    rest = [line.strip().lstrip(">") if quoted else line for line in lines[1:]]
    text = " ".join([lines[0][len(indent) + len(marker):]] + rest)
    done, line, empty = [], indent + marker, True
    for word in words_of(text):
        if not empty and len(line) + 1 + len(word) > width:
            done.append(line)
            line, empty = further, True
        line += word if empty else " " + word
        empty = False
    return done + [line]


def set_again(text):
    lines = []
    for prose, _, block in blocks_of(text):
        lines += wrapped(block) if prose and any(map(is_too_long, block)) else block
    return "\n".join(lines)


def set_comments_again(text, mark):
    lines = text.split("\n")
    for first, begins, texts in reversed(list(comments_of(text, mark))):
        width, done = WIDTH - len(begins) - 1, []
        for prose, _, block in blocks_of("\n".join(texts)):
            again = prose and any(is_too_long(line, width) for line in block) and not any(map(NO_COMMENT_PROSE.search, block))
            done += wrapped(block, width) if again else block
        lines[first - 1:first - 1 + len(texts)] = [f"{begins} {line}".rstrip() for line in done]
    return "\n".join(lines)


def main():
    if not sys.argv[1:] or sys.argv[1].startswith("-"):
        print(__doc__, end="", file=sys.stderr)
        return 2
    for name in sys.argv[1:]:
        path = pathlib.Path(name)
        before = path.read_text(encoding="utf-8")
        mark = mark_of(path)
        after = set_comments_again(before, mark) if mark else set_again(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
