#!/usr/bin/env bash
# Generates pages for the installed headers with Doxygen: api-pages.sh OUT. A warning is an error.
# Needs doxygen.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=${1:?api-pages.sh OUT}
command -v doxygen > /dev/null || { echo "api-pages.sh needs doxygen: apt-get install doxygen" >&2; exit 77; }
mkdir -p "$out"
headers=$(grep -v '^ *#' cmake/CapstanHeaders.cmake | grep -oE '[a-z_]+(/[a-z_]+)+\.hpp' | sort -u)
doxygen - << CONFIGURATION
PROJECT_NAME = Capstan
PROJECT_BRIEF = "What the installed headers declare"
INPUT = $(tr '\n' ' ' <<< "$headers") sdk/include/capstan/operator.hpp sdk/include/capstan/testing.hpp sdk/include/capstan/plugin.h sdk/cpp/plugin.hpp sdk/cpp/json.hpp sdk/cpp/json_api.hpp
OUTPUT_DIRECTORY = "$out"
INPUT_FILTER = "python3 $PWD/scripts/comments-for-doxygen.py"
FILTER_SOURCE_FILES = NO
EXTRACT_ALL = YES
GENERATE_LATEX = NO
GENERATE_HTML = YES
QUIET = YES
WARN_AS_ERROR = FAIL_ON_WARNINGS
WARN_NO_PARAMDOC = NO
AUTOLINK_SUPPORT = NO
MACRO_EXPANSION = YES
EXPAND_ONLY_PREDEF = YES
PREDEFINED = CAPSTAN_GUARDED_BY(x)= CAPSTAN_EXCLUDES(x)= CAPSTAN_REQUIRES(x)= CAPSTAN_NO_THREAD_SAFETY_ANALYSIS= CAPSTAN_CAPABILITY(x)= CAPSTAN_SCOPED_CAPABILITY= CAPSTAN_ACQUIRE(x)= CAPSTAN_RELEASE(x)= CAPSTAN_RELEASE()= CAPSTAN_ACQUIRE()=
STRIP_FROM_PATH = .
HAVE_DOT = NO
CONFIGURATION
echo "the pages begin at $out/html/index.html"
