"""Extracts the files from a page: snippets.py PAGE FOLDER.

A fenced block whose first line is a comment with only a file name (`// website.cpp`, `#
CMakeLists.txt`) is that file. A reader who copies the blocks has the same project as the test that
builds them. A block of C++ without a name is a function body or declarations that must compile
after the named files: they become snippets.cpp, each in its own namespace.
"""
import pathlib
import re
import sys

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
NAME = re.compile(r"^(?://|#) ([\w./]+)$")


def main():
    page, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    files, loose = {}, []
    for language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        first, _, rest = text.partition("\n")
        name = NAME.match(first)
        if name:
            files[name.group(1)] = rest
        elif language == "cpp":
            loose.append(text)
    if not {"CMakeLists.txt", "website.cpp", "website_test.cpp"} <= files.keys():
        sys.exit(f"{page}: the files of the first chapter are gone: {sorted(files)}")
    if not loose:
        sys.exit(f"{page}: no snippet was found")
    code = "#include <set>\n\n#include <capstan/operator.hpp>\n#include <capstan/core/operator/running_operator.hpp>\n#include <capstan/testing.hpp>\n\n"
    code += "using namespace capstan;\n"
    for number, text in enumerate(loose, 1):
        code += f"\nnamespace snippet_{number} {{\n{text}}}  // namespace snippet_{number}\n"
    files["snippets.cpp"] = code
    for name in sorted(files):  # have tests of their own
        if name.endswith("_test.cpp") and name != "website_test.cpp":
            test = name[:-4]
            files["CMakeLists.txt"] += (f"add_executable({test} {name})\ntarget_link_libraries({test} capstan::testing GTest::gtest_main)\n"
                                        f"add_test(NAME {test} COMMAND {test} WORKING_DIRECTORY ${{CMAKE_CURRENT_SOURCE_DIR}})\n")
    files["CMakeLists.txt"] += "add_library(snippets OBJECT snippets.cpp)\ntarget_link_libraries(snippets capstan::core capstan::testing)\n"
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


main()
