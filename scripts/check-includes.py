#!/usr/bin/env python3
"""Include arrows: a folder includes only itself and the folders that DESIGN's layout lets it see.

Checks every #include <capstan/...> of every source and header. Tests (*_test.cpp, *_bench.cpp, tests/) may see more, since they
join what the product keeps apart. Public headers must not include Poco, Boost, simdjson, yaml-cpp, zstd or prometheus.
"""
import pathlib
import re
import sys

BASE = {"core/base"}
HTTP = BASE | {"core/http"}
KUBE = HTTP | {"core/json", "core/kube"}
RUNTIME = KUBE | {"core/runtime"}
MANAGED = RUNTIME | {"core/external", "core/managed"}
LOCAL = HTTP | {"core/net", "core/json"}
EVERYTHING = None
ALLOWED = {
    "core/base": BASE,
    "core/external": BASE,
    "core/http": HTTP,
    "core/net": HTTP,
    "core/json": BASE,
    "core/kube": KUBE,
    "core/runtime": RUNTIME,
    "core/managed": MANAGED,
    "sdk": HTTP | {"core/external", "core/json", "sdk"},
    "providers": HTTP | {"core/external", "core/json"},
    "plugins/loader": HTTP | {"core/external", "core/json", "sdk"},
    "plugins": HTTP | {"core/external", "core/json", "sdk", "providers"},
    "local/apiserver": LOCAL,
    "local/digitalocean": LOCAL,
    "simulation": MANAGED | LOCAL | {"local/apiserver", "local/digitalocean", "providers", "plugins/loader", "sdk"},
    "apps": EVERYTHING,
    "tests": EVERYTHING,
    "benchmarks": EVERYTHING,
    "examples": EVERYTHING,
    "crds": set(),
}
# Folders whose headers authors of operators and plugins include.
PUBLISHED = {"core/base", "core/external", "core/http", "core/net", "core/json", "core/kube", "core/runtime", "core/managed", "sdk"}
PRIVATE_LIBRARIES = re.compile(r'#include <(Poco/|boost/|simdjson|yaml-cpp/|zstd|zdict|prometheus/|openssl/|sqlite3|glog/|gflags/)')
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]capstan/([^>"]+)[>"]', re.M)
QUOTED = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
# A header that says "Private to" in its first lines may name a library; a public header may not include it.
def is_private(text):
    return "private to" in text[:400].lower()


def folder_of(path):
    parts = path.split("/")
    for length in (2, 1):
        name = "/".join(parts[:length])
        if name in ALLOWED and len(parts) > length:
            return name
    return None


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    problems = []
    files = [p for pattern in ("*.hpp", "*.cpp", "*.h", "*.c") for p in root.rglob(pattern)]
    files = [p for p in files if not str(p.relative_to(root)).startswith(("build/", "."))]
    for path in sorted(files):
        name = str(path.relative_to(root))
        text = path.read_text(encoding="utf-8", errors="replace")
        folder = folder_of(name)
        if folder is None:
            problems.append(f"{name}: lies in no folder of the layout")
            continue
        is_test = re.search(r"(^|_)(test|bench|testing)(_|\.)", path.name) is not None
        allowed = ALLOWED[folder]
        for target in INCLUDE.findall(text):
            if target == "plugin.h":
                target = "sdk/include/capstan/plugin.h"
            if allowed is None or is_test:
                continue
            other = folder_of(target)
            ok = other == folder or (other is not None and (other in allowed or other.split("/")[0] in allowed))
            if not ok:
                problems.append(f"{name}: includes <capstan/{target}>; {folder} may not see {other or target}")
        if name.endswith(".hpp") and folder in PUBLISHED and not is_test and not is_private(text):
            for match in PRIVATE_LIBRARIES.finditer(text):
                problems.append(f"{name}: a public header names a library: {match.group(0)}")
            for target in INCLUDE.findall(text):
                other = root / target
                if other.exists() and is_private(other.read_text(encoding="utf-8", errors="replace")):
                    problems.append(f"{name}: a public header includes the private {target}")
    for problem in problems:
        print("check-includes:", problem, file=sys.stderr)
    if problems:
        return 1
    print(f"check-includes: {len(files)} files keep the arrows")
    return 0


sys.exit(main())
