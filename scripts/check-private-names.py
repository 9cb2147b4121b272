#!/usr/bin/env python3
"""Checks that private names are distinct in a component: a name in the anonymous namespace of one
source is not used by another source of the component, nor declared in the same or an enclosing
namespace by a header that it can include.

A build without tests compiles the sources of a component together (cmake/CapstanToolchain.cmake).
There a second definition is an error, and a second overload, or one that hides another, could be
chosen silently. Several sources can have aliases of the same type.

`check-private-names.py --root DIR` checks another tree.
"""
import argparse
import collections
import importlib.util
import pathlib
import re
import sys

TOKEN = re.compile(
    r'R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/|^[ \t]*\#(?:\\\n|[^\n])*'
    r"|\d[\w'.]*|'(?:\\.[^']*|[^'\\\n])'|\w+|\s+|.", re.S | re.M)
NAMESPACE = re.compile(r"\bnamespace\s*([\w:]*)\s*$")
TYPE = re.compile(r"(?:struct|class|union|enum(?:\s+class)?)\s+(\w+)(?!\w*\s*\()")
ALIAS = re.compile(r"using\s+(\w+)\s*=")
USED = re.compile(r"using (?!namespace)[\w:]*::(\w+)$")


def words_of(text):
    """The text as tokens, without comments, directives and spaces; each literal is one token."""
    for token in TOKEN.finditer(text):
        word = token.group(0)
        if word.isspace():
            yield " "
        elif word.startswith(("//", "/*")) or word.lstrip().startswith("#"):
            yield " "
        elif word.startswith(('"', 'R"', "'")):
            yield '""'
        else:
            yield word


def declarations(text):
    """(namespaces, declaration) of each declaration at namespace scope, without bodies and braced
    initializers."""
    spaces, head, depth = [], "", 0
    for word in words_of(text):
        if depth:
            depth += (word == "{") - (word == "}")
            if depth == 0:
                head += "{}"
                if is_function_body(head):
                    yield tuple(spaces), head
                    head = ""
        elif word == "{":
            space = NAMESPACE.search(head)
            if space:
                spaces.append(space.group(1))
                head = ""
            else:
                depth = 1
        elif word == "}":
            if spaces:
                spaces.pop()
            head = ""
        elif word == ";":
            yield tuple(spaces), head
            head = ""
        else:
            head += word


def is_function_body(head):
    plain = re.sub(r"^\s*template\s*<[^{};]*>\s*(?=\w)", "", head.strip())
    return bool(re.search(r"\)[^=;{}()]*\{\}$", plain) or re.search(r"\)\s*:[^;]*\{\}$", plain)) and not TYPE.match(plain)


def name_of(declaration):
    """(kind, name) of a declaration, or None if it introduces no name."""
    text = " ".join(declaration.split())
    text = re.sub(r"\[\[[^\]]*\]\]\s*|^template ?<[^{};]*?> (?=\w)|^(?:inline|static|constexpr|extern) ", "", text)
    text = re.sub(r"^(?:(?:inline|static|constexpr|extern|const) )+", "", text)
    if alias := ALIAS.match(text):
        return "alias " + text, alias.group(1)
    if used := USED.match(text):
        return "alias " + text, used.group(1)
    if text.startswith(("using ", "namespace ", "static_assert", "friend ", "DEFINE_", "DECLARE_")):
        return None
    if kind := TYPE.match(text):
        return "type", kind.group(1)
    parenthesis, brace, equals = (text.find(c) for c in "({=")
    if parenthesis > 0 and not (0 <= equals < parenthesis and "operator" not in text[:parenthesis]) and not 0 <= brace < parenthesis:
        name = re.search(r"([\w:~]+) ?$", text[:parenthesis])
        return ("function", name.group(1)) if name and "::" not in name.group(1) and name.group(1) != "operator" else None
    name = re.search(r"(\w+) ?(?:\[[^\]]*\] ?)*(?:=.*|\{\}.*)?$", text)
    return ("variable", name.group(1)) if name and " " in text and not name.group(1).isdigit() else None


def names_in(path):
    """{(namespace, name): (private?, kind)} of one file."""
    found = {}
    for spaces, declaration in declarations(path.read_text(encoding="utf-8")):
        named = name_of(declaration)
        if named:
            private = "" in spaces
            found[("::".join(s for s in spaces if s), named[1])] = (private, named[0])
    return found


def files_of(root, component, suffix):
    for folder in [component.folder] + [f"{component.folder}/{name}" for name in component.subfolders]:
        yield from (path for path in sorted((root / folder).glob("*" + suffix)) if not re.search(r"_(test|bench)\.", path.name))


class Check:
    def __init__(self, root, check_includes):
        self.root, self.components = root, check_includes.read_components(root)
        self.reachable = check_includes.reachable
        self.headers = {}  # component: {(namespace, name): (header, kind)}
        for folder, component in self.components.items():
            self.headers[folder] = {name: (str(path.relative_to(root)), kind) for path in files_of(root, component, ".hpp")
                                    for name, (_, kind) in names_in(path).items()}

    def problems_of(self, folder):
        private = collections.defaultdict(list)
        for path in files_of(self.root, self.components[folder], ".cpp"):
            for name, (is_private, kind) in names_in(path).items():
                if is_private:
                    private[name].append((str(path.relative_to(self.root)), kind))
        for (space, name), places in sorted(private.items()):
            found = places[1:] + list(self.declared(folder, space, name))
            same_alias = len({kind for _, kind in places[:1] + found}) == 1 and places[0][1].startswith("alias ")
            if found and not same_alias:
                yield f"{places[0][0]}: {space}::{name} is private, and {found[0][0]} has the name too: give one of them another"

    def declared(self, folder, space, name):
        """The headers that declare the name, in the namespace or an enclosing one."""
        parts = space.split("::")
        for other in sorted(self.reachable(self.components, folder)):
            for end in range(len(parts), 0, -1):
                place = self.headers.get(other, {}).get(("::".join(parts[:end]), name))
                if place:
                    yield place


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root.resolve()
    spec = importlib.util.spec_from_file_location("check_includes", pathlib.Path(__file__).with_name("check-includes.py"))
    check_includes = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check_includes)
    check = Check(root, check_includes)
    problems = [problem for folder in check.components for problem in check.problems_of(folder)]
    for problem in problems:
        print("check-private-names:", problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
