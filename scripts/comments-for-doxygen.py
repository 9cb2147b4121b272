#!/usr/bin/env python3
"""Doxygen's input filter for our headers, whose comments are plain prose: Doxygen would ignore them, or
interpret parts of them as markup.

`//` above a declaration becomes `///`, after one `///<`; the first comment of a header becomes that
of the file. Characters that Doxygen would read as commands, tags or markup are escaped.
"""
import re
import sys

CODE_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def prose(text):
    text = re.sub(r"([@\\<>&#$%|~*_`\[\]])", r"\\\1", text)
    return text.replace("::", "\\::").replace("\\_", "_").replace("\\*", "*").replace("\\`", "`").replace("\\~", "~").replace("\\|", "|")\
        .replace("\\[", "[").replace("\\]", "]")


def main():
    lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
    opening = True
    if lines and lines[0].startswith("//"):
        print("/// @file")
    for line in lines:
        # Doxygen does not know the scope of a specialization of a std template.
        line = re.sub(r"^struct std::(\w+)<.*> {", r"struct \1_of_it {", "" if line == "template <>" else line)
        bare = line.strip()
        if opening and not bare.startswith("//"):
            opening = False
        if bare.startswith("//"):
            indent = line[:len(line) - len(line.lstrip())]
            text = bare[2:]
            # Indented by two more spaces: an example, kept verbatim.
            print(f"{indent}///{prose(text)}" if text.strip() else f"{indent}///")
            continue
        without_strings = CODE_STRING.sub(lambda match: "x" * len(match.group()), line)
        at = without_strings.find("//")
        if at > 0 and not line.rstrip().endswith("\\"):
            print(f"{line[:at]}///<{prose(line[at + 2:])}")
        else:
            print(line)


main()
