#include <capstan/apps/capstan/reference/reference.hpp>

#include <gtest/gtest.h>

namespace capstan::app {
namespace {

ProgramReference Program() {
  return {"0.1.0",
          {{"get",
            "Show [all] objects: now.",
            "get [KIND]",
            {{"output", "text, json or yaml", "text", false}, {"watch", "go on; it's live", "false", true}}},
           {"version", "Print the version.", "version", {}}}};
}

bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Reference, CompletesCommandsAndTheirFlagsInBash) {
  const std::string text = BashCompletion(Program());
  EXPECT_TRUE(Has(text, "help get version"));
  EXPECT_TRUE(Has(text, "get) flags=\"--help --output= --watch\"")) << text;
}

TEST(Reference, EscapesSpecialCharactersForZsh) {
  const std::string text = ZshCompletion(Program());
  EXPECT_TRUE(Has(text, R"('get:Show \[all\] objects\: now.')")) << text;
  EXPECT_TRUE(Has(text, R"('--watch[go on; it'\''s live]')")) << text;
  EXPECT_TRUE(Has(text, "'--output=[text, json or yaml]:value:_files'")) << text;
}

TEST(Reference, HasAManPageForEachCommandWithAllItsFlags) {
  const auto program = Program();
  const std::string page = ManPage(program, program.commands[0]);
  EXPECT_TRUE(Has(page, ".TH CAPSTAN\\-GET 1")) << page;
  EXPECT_TRUE(Has(page, "\\-\\-output=")) << page;
  EXPECT_TRUE(Has(page, "(default: text)")) << page;
  EXPECT_TRUE(Has(ManPage(program), ".BR capstan\\-get (1)"));
}

TEST(Reference, EscapesTextThatTroffWouldInterpret) {
  ProgramReference program = Program();
  program.commands[0].flags[0].help = ".SH not a heading \\fBnor bold";
  const std::string page = ManPage(program, program.commands[0]);
  EXPECT_TRUE(Has(page, "\n\\&.SH not a heading \\efBnor bold")) << page;
}

}  // namespace
}  // namespace capstan::app
