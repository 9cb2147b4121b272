#!/usr/bin/env python3
"""The house checks detect what they are for: each case plants one fault into a small tree that is
otherwise in order.
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent.parent / "scripts"

TREE = {
    "core/base/CMakeLists.txt": "capstan_component(core/base FOLDERS inner)\n",
    "core/base/text.hpp": "// Text.\n#pragma once\n",
    "core/base/text.cpp": "#include <capstan/core/base/text.hpp>\n#include <capstan/core/base/inner/parts.hpp>\n",
    "core/base/inner/parts.hpp": "#pragma once\n",
    "core/http/CMakeLists.txt": "# Above base.\ncapstan_component(core/http DEPENDS core/base LINKS z)\n",
    "core/http/message.hpp": "// What text.hpp says, for messages.\n#pragma once\n#include <capstan/core/base/text.hpp>\n",
    "docs/page.md": "# A page\n\nSee [the other](other.md#its-part) and `core/base/text.hpp`.\n",
    "docs/other.md": "# Other\n\n## Its part\n",
}


class Checks(unittest.TestCase):
    def run_check(self, name, changes):
        with tempfile.TemporaryDirectory() as root:
            for path, text in {**TREE, **changes}.items():
                file = pathlib.Path(root) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            done = subprocess.run([sys.executable, "-B", SCRIPTS / name, "--root", root], capture_output=True, text=True)
        return done.returncode, done.stderr

    def expect(self, name, words, **changes):
        status, told = self.run_check(name, {path.replace("__", "/"): text for path, text in changes.items()})
        self.assertEqual(status, 1, told)
        self.assertEqual(len(told.strip().splitlines()), 1, told)
        for word in words:
            self.assertIn(word, told)

    def test_a_tree_in_order_passes(self):
        for name in ("check-includes.py", "check-docs.py", "check-private-names.py", "check-voice.py"):
            self.assertEqual(self.run_check(name, {}), (0, ""))

    def test_an_include_against_the_arrows_is_named(self):
        self.expect("check-includes.py", ["core/base/up.cpp", "core/http is not among the DEPENDS of core/base"],
                    **{"core/base/up.cpp": "#include <capstan/core/http/message.hpp>\n"})

    def test_an_include_of_a_private_subfolder_is_named(self):
        self.expect("check-includes.py", ["core/http/deep.cpp", "private to core/base"],
                    **{"core/http/deep.cpp": "#include <capstan/core/base/inner/parts.hpp>\n"})

    def test_a_library_in_a_public_header_is_named(self):
        self.expect("check-includes.py", ["core/http/tree.hpp", "a public header names a library"],
                    **{"core/http/tree.hpp": "#pragma once\n#include <Poco/JSON/Object.h>\n"})

    def test_a_file_outside_of_every_component_is_named(self):
        self.expect("check-includes.py", ["core/lost/x.cpp", "lies in no component"], **{"core/lost/x.cpp": "int x;\n"})

    def test_a_folder_with_more_sources_than_a_reader_takes_in_is_named(self):
        self.expect("check-includes.py", ["core/http: 36 sources"], **{f"core/http/part{i}.cpp": "int x;\n" for i in range(35)})

    def test_a_private_name_that_two_sources_have_is_named(self):
        private = "namespace capstan::http {\nnamespace {\n%s\n}  // namespace\n}\n"
        for one, other in (("constexpr int kMost = 3;", "constexpr int kMost{4};"),
                           ("int Find(int a) { return a; }", "template <class T>\nint Find(const T& a) {\n  return a == '\"' ? 1 : 2;\n}"),
                           ("struct Part { int size; };", "using Part = int;"),
                           ("using base::Part;", "using text::Part;")):
            self.expect("check-private-names.py", ["core/http/a.cpp", "core/http/b.cpp"],
                        **{"core/http/a.cpp": private % one, "core/http/b.cpp": private % other})
        self.expect("check-private-names.py", ["core/http/a.cpp", "capstan::http::Send is private", "core/http/send.hpp"],
                    **{"core/http/a.cpp": private % "bool Send() { return true; }",
                       "core/http/send.hpp": "#pragma once\nnamespace capstan::http {\nbool Send(int to);\n}\n"})
        self.expect("check-private-names.py", ["core/http/a.cpp", "capstan::http::Trim is private", "core/base/trim.hpp"],
                    **{"core/http/a.cpp": private % "bool Trim(long) { return true; }",
                       "core/base/trim.hpp": "#pragma once\nnamespace capstan {\nbool Trim(int text);\n}\n"})

    def test_private_names_of_other_folders_namespaces_and_members_may_be_alike(self):
        private = "namespace capstan::http {\nnamespace {\n%s\n}\n}\n"
        self.assertEqual(self.run_check("check-private-names.py", {
            "core/http/a.cpp": private % "using Texts = int;\nclass One {\n  int Find() { return 1; }\n};",
            "core/http/b.cpp": private % "using Texts = int;\nint Find() { return 2; }  // struct One {}",
            "core/http/c.cpp": "namespace capstan::http::deep {\nnamespace {\nint Find() { return 3; }\n}\n}\n",
            "core/base/a.cpp": "namespace capstan {\nnamespace {\nint Find() { return 4; }\n}\n}\n"}), (0, ""))

    def test_a_path_that_does_not_exist_is_named(self):
        self.expect("check-docs.py", ["docs/page.md", "core/base/gone.hpp"],
                    **{"docs/page.md": "# A page\n\nSee `core/base/gone.hpp` and `core/base/text.hpp`.\n"})

    def test_a_link_that_leads_nowhere_is_named(self):
        self.expect("check-docs.py", ["links to gone.md"], **{"docs/page.md": "# A page\n\nSee [it](gone.md).\n"})

    def test_a_heading_that_does_not_exist_is_named(self):
        self.expect("check-docs.py", ["no such heading"], **{"docs/page.md": "# A page\n\nSee [it](other.md#gone).\n"})

    def test_a_file_that_a_comment_names_exists(self):
        self.expect("check-docs.py", ["core/http/message.hpp:1", "gone.hpp"],
                    **{"core/http/message.hpp": "// As gone.hpp says.\n#pragma once\n"})

    def test_a_word_that_the_voice_rules_out_is_named(self):
        self.expect("check-voice.py", ["core/http/message.hpp:1", "whoever"],
                    **{"core/http/message.hpp": "// For whoever asks.\n#pragma once\n"})
        self.expect("check-voice.py", ["docs/page.md:3", "is told"],
                    **{"docs/page.md": "# A page\n\nThe user is told.\n"})

    def test_a_turn_that_readers_have_to_translate_is_named_where_users_read_it(self):
        self.expect("check-voice.py", ["core/http/status.cpp:1", "all the same"],
                    **{"core/http/status.cpp": 'auto text = "it waits all the same";\n'})
        self.expect("check-voice.py", ["docs/page.md:3", ", for it"],
                    **{"docs/page.md": "# A page\n\nIt ends, for it is done.\n"})
        self.expect("check-voice.py", ["crds/things.yaml:1", "is looked at"],
                    **{"crds/things.yaml": "description: 'It is looked at.'\n"})

    def test_strings_of_tests_may_use_such_turns_and_comments_may_not(self):
        self.assertEqual(self.run_check("check-voice.py", {
            "core/http/status_test.cpp": 'auto text = "it waits all the same";\n'}), (0, ""))
        self.expect("check-voice.py", ["core/http/status.cpp:1", "all the same"],
                    **{"core/http/status.cpp": "// It waits all the same.\nint x;\n"})

    def test_prose_beyond_100_columns_is_named(self):
        self.expect("check-voice.py", ["docs/page.md:3", "longer than 100 columns", "scripts/wrap-prose.py docs/page.md"],
                    **{"docs/page.md": "# A page\n\n" + "word " * 25 + "\n"})

    def test_tables_code_and_links_may_be_as_long_as_they_are(self):
        long = "x" * 120
        self.assertEqual(self.run_check("check-voice.py", {"docs/page.md": "\n".join([
            "# A page", "", f"| {'word ' * 25} |", "", f"    {'word ' * 25}", f"    {'word ' * 25}", "", "```", "word " * 25, "```",
            "", f"- `{long}`", f"  [a link](https://example.dev/{long})", ""])}), (0, ""))

    def test_comments_of_sources_keep_to_100_columns_but_for_generated_ones(self):
        long = "// " + "word " * 30 + "end\nint x;\n"
        self.expect("check-voice.py", ["core/base/text.cpp:1", "longer than 100 columns"],
                    **{"core/base/text.cpp": long, "core/base/made.cpp": "// Generated. Do not edit.\n" + long})

    def test_comments_of_scripts_and_yaml_keep_to_100_columns_but_for_words_to_tools(self):
        long = "# " + "word " * 30 + "end\n"
        for name in ("scripts/a.sh", "scripts/a.py", "cmake/A.cmake", "deploy/a.yaml", "core/CMakeLists.txt"):
            self.expect("check-voice.py", [name + ":2", "longer than 100 columns", "scripts/wrap-prose.py " + name],
                        **{name: "#!/bin/sh " + "word " * 30 + "\n" + long})
        self.assertEqual(self.run_check("check-voice.py", {
            "scripts/a.sh": "# shellcheck disable=" + "SC2034,SC1091 " * 12 + "\n# a  table " + "of columns " * 12 + "\n"}), (0, ""))

    def test_wrapping_comments_of_a_script_changes_line_ends_only(self):
        source = "#!/bin/sh\n# " + "word " * 40 + "\n# end:\n#   command\n# more\n#\n  # - " + "item " * 25 + "\nx=1\n"
        with tempfile.TemporaryDirectory() as root:
            file = pathlib.Path(root) / "a.sh"
            file.write_text(source, encoding="utf-8")
            subprocess.run([sys.executable, "-B", SCRIPTS / "wrap-prose.py", file], check=True)
            wrapped = file.read_text(encoding="utf-8")
        self.assertEqual(wrapped.replace("#", "").split(), source.replace("#", "").split())
        self.assertLessEqual(max(map(len, wrapped.splitlines())), 100)
        self.assertIn("end:\n#   command\n# more\n", wrapped)
        self.assertTrue(all(line.startswith(("#", "  #", "x")) for line in wrapped.splitlines()), wrapped)

    def test_wrapping_comments_changes_line_ends_only(self):
        source = "int x;\n  // " + "word `a b c` " * 12 + "\n  // end\n  //\n  // - " + "item " * 25 + "\n// a  table " * 9 + "\nint y;\n"
        with tempfile.TemporaryDirectory() as root:
            file = pathlib.Path(root) / "a.hpp"
            file.write_text(source, encoding="utf-8")
            subprocess.run([sys.executable, "-B", SCRIPTS / "wrap-prose.py", file], check=True)
            wrapped = file.read_text(encoding="utf-8")
        self.assertEqual(wrapped.replace("//", "").split(), source.replace("//", "").split())
        self.assertLessEqual(max(map(len, wrapped.splitlines())), 100)
        self.assertTrue(all(line.startswith(("int", "  //", "// a  table")) for line in wrapped.splitlines()), wrapped)

    def test_wrapping_prose_changes_line_ends_only_and_satisfies_the_check(self):
        page = "# A page\n\n- " + "word `a b c` [a link](x y.md) 1. - " * 12 + "\n  " + "end " * 30 + "\n\n| " + "cell " * 30 + "|\n"
        with tempfile.TemporaryDirectory() as root:
            file = pathlib.Path(root) / "page.md"
            file.write_text(page, encoding="utf-8")
            subprocess.run([sys.executable, "-B", SCRIPTS / "wrap-prose.py", file], check=True)
            wrapped = file.read_text(encoding="utf-8")
        self.assertEqual(wrapped.split(), page.split())
        self.assertLessEqual(max(len(line) for line in wrapped.splitlines() if not line.startswith("|")), 100)
        self.assertEqual([line for line in wrapped.splitlines() if line.lstrip().startswith(("1.", "-"))], wrapped.splitlines()[2:3])

    def test_code_and_its_names_may_use_any_word(self):
        self.assertEqual(self.run_check("check-voice.py", {
            "core/http/message.hpp": "// What `somebody` holds.\n#pragma once\nint beside;\n",
            "docs/page.md": "# A page\n\n```text\nwhoever\n```\n"}), (0, ""))

    def test_what_a_code_block_shows_is_not_a_path(self):
        self.assertEqual(self.run_check("check-docs.py", {"docs/page.md": "# A page\n\n```text\n`core/base/gone.hpp`\n```\n"})[0], 0)


if __name__ == "__main__":
    unittest.main()
