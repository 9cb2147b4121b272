#!/usr/bin/env python3
"""Checks that pages and comments name only what exists.

- A relative link in a Markdown file refers to a file or folder of the tree (and a #heading to a
  heading of that page).
- A path in backticks exists: with a slash it is resolved from the page's folder and from the root; a
  bare file name anywhere below the page's folder, then anywhere. A * matches anything.
- A file that a comment in a source names exists somewhere in the tree.
- Every block of commands is tested: a ```console block by tests/examples/documentation_test.sh; any
  other has a line in tests/examples/commands.tsv that names the test that runs it, or says why
  there is none. Every such line has its block.

`check-docs.py --root DIR` checks another tree.
"""
import argparse
import fnmatch
import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
QUOTED = re.compile(r"`([^`\n]+)`")
EXTENSIONS = "cpp|hpp|h|c|py|sh|md|yaml|cmake|in"
FILE = re.compile(rf"^[\w./*-]+\.({EXTENSIONS})$")
NAMED = re.compile(rf"(?<![\w./<-])((?:[\w-]+/)*[\w-]+\.({EXTENSIONS}))\b(?![./]\w)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.M | re.S)
# Names that a page may mention although they are not here: files that a reader creates, and files
# of other projects.
OTHERS = {"cluster.yaml", "larger.yaml", "web.yaml", "changed.yaml", "CRD.yaml", "plugin.cpp", "my_cloud.cpp", "x_test.cpp", "CMakeLists.txt",
          "Config.h", "yaml.h", "dlfcn.h", "build.sh"}
SOURCES = (".hpp", ".cpp", ".h", ".c", ".sh", ".py", ".cmake", "CMakeLists.txt")


def slug(heading):
    text = re.sub(r"[`*]", "", heading.strip().lower())
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", text))


def headings(path):
    return {slug(line.lstrip("#")) for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")}


class Tree:
    def __init__(self, root):
        self.root = root
        listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
        names = listed.stdout.splitlines() if listed.returncode == 0 else [str(p.relative_to(root)) for p in root.rglob("*")]
        self.files = [name for name in names if (root / name).is_file() and not name.startswith("build/")]
        self.names = {name.rsplit("/", 1)[-1] for name in self.files}
        self.folders = {str(parent) for name in self.files for parent in pathlib.PurePosixPath(name).parents}

    def has(self, name, folder):
        name = name.removeprefix("capstan/")
        if name.endswith("/"):
            name = name.rstrip("/")
            if "/" not in name:
                return name in self.folders or f"{folder}/{name}" in self.folders
        if "/" not in name:
            return name in self.names if "*" not in name else any(fnmatch.fnmatch(n, name) for n in self.names)
        for base in (folder, ""):
            path = str(pathlib.PurePosixPath(base) / name)
            parts = []
            for part in path.split("/"):
                if part == ".." and parts:
                    parts.pop()
                elif part != ".":
                    parts.append(part)
            path = "/".join(parts)
            if "*" in path:
                if any(fnmatch.fnmatch(n, path) for n in self.files):
                    return True
            elif path in self.folders or (self.root / path).exists():
                return True
            # Inside a component "steps/find.cpp" is valid too, because its subfolders belong to it.
            if any(n.endswith("/" + path) for n in self.files):
                return True
        return False


def check_page(tree, name, problems):
    path = tree.root / name
    folder = str(pathlib.PurePosixPath(name).parent)
    text = path.read_text(encoding="utf-8")
    prose = FENCE.sub("", text)
    tops = {entry.split("/")[0] for entry in tree.files}
    for target in LINK.findall(prose):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, heading = target.partition("#")
        other = (path.parent / file).resolve() if file else path
        if not other.exists():
            problems.append(f"{name}: links to {target}, which does not exist")
        elif heading and other.suffix == ".md" and heading not in headings(other):
            problems.append(f"{name}: links to {target}, and {file or 'the page'} has no such heading")
    for quoted in QUOTED.findall(prose):
        is_path = FILE.match(quoted) or (re.match(r"^[\w.*-]+(/[\w.*-]*)+$", quoted) and quoted.split("/")[0] in tops)
        if is_path and quoted.rsplit("/", 1)[-1] not in OTHERS and not quoted.startswith("/") and not tree.has(quoted, folder):
            problems.append(f"{name}: names {quoted}, which does not exist")


FENCED = re.compile(r"^(```|~~~)(\w*)[^\n]*\n(.*?)^\1", re.M | re.S)
COMMAND = re.compile(r"^(\$ |\. |[A-Z_]+=\S+ |export [A-Z]|(\./|build/|scripts/)\S|(capstan|kubectl|cmake|ctest|cp|python3|sudo|apt|apt-get|helm|docker|podman|systemctl|curl|make|git|go|npm)(\s|$))")


def blocks_of_commands(text):
    """The first line of each block of commands that is not a ```console block."""
    for _, language, body in FENCED.findall(text):
        first = body.strip().split("\n")[0]
        if language != "console" and language in ("", "sh", "bash", "shell") and COMMAND.match(first):
            yield first
    before = ""
    for line in FENCED.sub("", text).split("\n"):
        if line.startswith("    ") and not before.strip() and COMMAND.match(line[4:]):
            yield line[4:]
        before = line if not line.startswith("    ") else "    code"


def check_commands(tree, pages, problems):
    table = tree.root / "tests/examples/commands.tsv"
    if not table.exists():
        return
    known = {}
    for line in table.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            page, first, who = line.split("\t")
            known[page, first] = who
    left = set(known)
    for page in pages:
        for first in blocks_of_commands((tree.root / page).read_text(encoding="utf-8")):
            entry = next((key for key in known if key[0] == page and first.startswith(key[1])), None)
            if entry is None:
                problems.append(f"{page}: nobody runs the block that begins with \"{first}\": make it a console block, or give it a line in {table.relative_to(tree.root)}")
                continue
            left.discard(entry)
            who = known[entry]
            if who.startswith("not run: "):
                if len(who) < 30:
                    problems.append(f"{page}: \"{first}\" is not run, and the table does not say why")
            elif not (tree.root / who).exists():
                problems.append(f"{page}: \"{first}\" is run by {who}, which does not exist")
    for page, first in sorted(left):
        problems.append(f"{table.relative_to(tree.root)}: {page} has no block that begins with \"{first}\"")


def check_comments(tree, name, problems):
    folder = str(pathlib.PurePosixPath(name).parent)
    mark = "//" if name.endswith((".hpp", ".cpp", ".h", ".c")) else "#"
    for number, line in enumerate((tree.root / name).read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        at = line.find(mark)
        if at < 0 or line[:at].count('"') % 2 == 1 or line[at - 1:at] == ":":
            continue
        for found, _ in NAMED.findall(line[at:]):
            if found.startswith("_") or found[0].isupper() or found.startswith("x_"):
                continue  # _test.cpp, INPUT.yaml: a pattern, a placeholder
            if found.rsplit("/", 1)[-1] not in OTHERS and not tree.has(found, folder):
                problems.append(f"{name}:{number}: a comment names {found}, which does not exist")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root.resolve()
    tree = Tree(root)
    problems = []
    pages = [n for n in tree.files if n.endswith(".md") and n != "CHANGELOG.md"]
    sources = [n for n in tree.files if n.endswith(SOURCES)]
    for name in pages:
        check_page(tree, name, problems)
    check_commands(tree, pages, problems)
    for name in sources:
        check_comments(tree, name, problems)
    for problem in problems:
        print("check-docs:", problem, file=sys.stderr)
    if problems:
        return 1
    print(f"check-docs: {len(pages)} pages and the comments of {len(sources)} sources name what exists")
    return 0


sys.exit(main())
