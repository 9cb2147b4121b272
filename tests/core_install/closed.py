"""The list of installed headers is closed: every header that they include is installed too.
closed.py ROOT
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
text = re.sub(r"#.*", "", (root / "cmake/CapstanHeaders.cmake").read_text(encoding="utf-8"))
listed = re.findall(r"[\w/]+\.hpp", text)
# Not visible through the link to the tree, or part of the SDK.
also = {"plugin.h", "operator.hpp", "testing.hpp", "sdk/cpp/json.hpp", "sdk/cpp/json_api.hpp", "sdk/cpp/plugin.hpp"}
faces = ["sdk/include/capstan/operator.hpp", "sdk/include/capstan/testing.hpp", "sdk/cpp/json.hpp", "sdk/cpp/json_api.hpp",
         "sdk/cpp/plugin.hpp"]
missing = [f"{header} includes {other}, which is not installed: add it to cmake/CapstanHeaders.cmake"
           for header in listed + faces
           for other in re.findall(r"#include <capstan/([^>]+)>", (root / header).read_text(encoding="utf-8"))
           if other not in also and other not in listed]
print("\n".join(missing) or f"{len(listed)} headers need no others")
sys.exit(bool(missing))
