#!/usr/bin/env python3
"""Checks includes: a folder includes only its own headers and those of the folders in its
capstan_component(... DEPENDS ...).

CMake is the only source: the rules are the DEPENDS of each folder's CMakeLists.txt, and transitively
those of these folders. Tests (*_test.cpp, *_bench.cpp, testing/, tests/) can include more, because
they combine what the product separates. Subfolders of a component are private to it: no other
folder includes their headers. Inside a component the includes between subfolders form no cycle.
Public headers name no Poco, Boost, simdjson, libyaml, zstd, prometheus, OpenSSL, glog or gflags. A
folder has at most 35 sources of its own: with more, a reader no longer sees its purpose.

`check-includes.py --root DIR` checks another tree; `--arrows FOLDER` prints the includes between
the subfolders of a component.
"""
import argparse
import collections
import pathlib
import re
import sys

# Folders that may include anything: programs that wire everything, and code that is never part of
# the product.
FREE = ("apps/", "tests/", "benchmarks/", "examples/")
# Folders whose headers authors of operators and plugins include.
PUBLISHED = ("core/", "sdk/")
PRIVATE_LIBRARIES = re.compile(r'#include <(Poco/|boost/|simdjson|yaml\.h|zstd|zdict|prometheus/|openssl/|sqlite3|glog/|gflags/)')
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]capstan/([^>"]+)[>"]', re.M)
CALL = re.compile(r"\bcapstan_(component|add_plugin)\(([^)]*)\)", re.S)
KEYWORDS = {"FOLDERS", "DEPENDS", "LINKS", "TEST_DEPENDS", "TEST_LINKS", "TEST_TIMEOUT", "SOURCES", "OUTPUT_DIRECTORY"}
MOST_SOURCES = 35


def is_private(text):
    """Whether a header says "Private to" in its first lines: it may name a library, but no public header
    may include it."""
    return "private to" in text[:400].lower()


class Component:
    """One capstan_component: its folder, its private subfolders and the components that it can include."""

    def __init__(self, folder, words):
        self.folder, self.subfolders, self.depends = folder, [], []
        key = None
        for word in words:
            if word in KEYWORDS:
                key = word
            elif key == "FOLDERS":
                self.subfolders.append(word)
            elif key == "DEPENDS":
                self.depends.append(word)


def read_components(root):
    components = {}
    for path in sorted(root.rglob("CMakeLists.txt")):
        folder = str(path.parent.relative_to(root))
        if folder.startswith(("build", ".")):
            continue
        text = re.sub(r"#[^\n]*", "", path.read_text(encoding="utf-8"))
        for kind, arguments in CALL.findall(text):
            words = arguments.split()
            if kind == "component":
                components[words[0]] = Component(words[0], words[1:])
            else:  # A plugin of ours: LINKS names the folder that it exports as its target.
                component = Component(folder, [])
                component.depends = ["sdk/cpp"] + [w.removeprefix("capstan_").replace("_", "/", 1)
                                                   for w in words if w.startswith("capstan_providers_")]
                components.setdefault(folder, component)
    return components


def reachable(components, folder):
    seen, todo = set(), [folder]
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            todo += components[one].depends if one in components else []
    return seen


def owner_of(components, name):
    """The component of a file, and the subfolder in it ("" for the folder itself)."""
    directory = name.rsplit("/", 1)[0]
    best = max((f for f in components if directory == f or directory.startswith(f + "/")), key=len, default=None)
    return (best, directory[len(best) + 1:]) if best is not None else (None, "")


def cycle_in(arrows):
    """One cycle of a graph {subfolder: {subfolder}}, or None."""
    state, stack = {}, []

    def walk(room):
        state[room] = 1
        stack.append(room)
        for other in sorted(arrows.get(room, ())):
            if state.get(other) == 1:
                return stack[stack.index(other):] + [other]
            if other not in state:
                found = walk(other)
                if found:
                    return found
        state[room] = 2
        stack.pop()
        return None

    for room in sorted(arrows):
        if room not in state:
            found = walk(room)
            if found:
                return found
    return None


def is_test(name):
    return re.search(r"(^|_)(test|bench)\.", name.rsplit("/", 1)[-1]) is not None or "/testing/" in name


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--arrows", metavar="FOLDER", help="print the arrows between the subfolders of this component")
    options = parser.parse_args()
    root = options.root.resolve()
    components = read_components(root)
    may_see = {folder: reachable(components, folder) for folder in components}
    problems, rooms = [], {}
    files = [p for pattern in ("*.hpp", "*.cpp", "*.h", "*.c") for p in root.rglob(pattern)]
    files = [p for p in files if not str(p.relative_to(root)).startswith(("build/", "."))]
    for path in sorted(files):
        name = str(path.relative_to(root))
        text = path.read_text(encoding="utf-8", errors="replace")
        folder, subfolder = owner_of(components, name)
        free = name.startswith(FREE[1:]) or (name.startswith(FREE) and folder not in components) or is_test(name)
        if folder is None and not name.startswith(FREE) and not name.startswith(("sdk/", "crds/")):
            problems.append(f"{name}: lies in no component; add its folder to a capstan_component(... FOLDERS ...)")
            continue
        for target in INCLUDE.findall(text):
            if target == "plugin.h" or free:
                continue  # the C ABI is next to the symbolic link to the tree
            other, room = owner_of(components, target)
            if other is None:
                if not name.startswith(FREE) and not (root / target).exists():
                    problems.append(f"{name}: includes <capstan/{target}>, which lies in no component")
                continue
            if other == folder:
                if room != subfolder and "main" not in (room, subfolder):
                    rooms.setdefault(folder, {}).setdefault(subfolder, {}).setdefault(room, set()).add(name)
                continue
            if folder is not None and other not in may_see[folder]:
                problems.append(f"{name}: includes <capstan/{target}>, but {other} is not among the DEPENDS of {folder}")
            elif room:
                problems.append(f"{name}: includes <capstan/{target}>, which is private to {other}")
        if name.endswith(".hpp") and name.startswith(PUBLISHED) and not subfolder and not is_test(name) and not is_private(text):
            for match in PRIVATE_LIBRARIES.finditer(text):
                problems.append(f"{name}: a public header names a library: {match.group(0)}")
            for target in INCLUDE.findall(text):
                other = root / target
                if other.exists() and is_private(other.read_text(encoding="utf-8", errors="replace")):
                    problems.append(f"{name}: a public header includes the private {target}")
    for folder, count in sorted(collections.Counter(path.parent for path in files).items()):
        if count > MOST_SOURCES:
            problems.append(f"{folder.relative_to(root)}: {count} sources, {MOST_SOURCES} at most: give what belongs together a subfolder")
    for folder, arrows in sorted(rooms.items()):
        if options.arrows == folder:
            for room, others in sorted(arrows.items()):
                for other, who in sorted(others.items()):
                    print(f"{room or '.'} -> {other or '.'}  ({len(who)}: {', '.join(sorted(who)[:3])})")
        # Headers of the face include those of subfolders, and subfolders may include plain headers
        # of the face, so only subfolders must not form cycles. A subfolder of a subfolder counts as
        # part of it.
        whole = {}
        for room, others in arrows.items():
            top = room.split("/")[0]
            whole.setdefault(top, set()).update(o.split("/")[0] for o in others)
        cycle = cycle_in({room: others - {"", room} for room, others in whole.items() if room})
        if cycle:
            problems.append(f"{folder}: its subfolders include each other in a circle: {' -> '.join(cycle)}")
    for problem in problems:
        print("check-includes:", problem, file=sys.stderr)
    if problems:
        return 1
    if not options.arrows:
        print(f"check-includes: {len(files)} files of {len(components)} components keep the arrows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
