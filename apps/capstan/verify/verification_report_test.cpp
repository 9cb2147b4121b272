#include <capstan/apps/capstan/verify/verification_report.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace capstan::app {
namespace {

using conformance::Finding;
using conformance::Verdict;

class KeptLines final : public Progress {
 public:
  void Begins(const std::string&) override {}
  void Keep(const std::string& line) override { lines.push_back(line); }
  std::vector<std::string> lines;
};

std::vector<Finding> SomeFindings() {
  Finding passed{"It is made", Verdict::kPassed, "", {"a secret was blotted out"}};
  Finding failed{"It is found", Verdict::kFailed, "it was not"};
  Finding left_out{"It lists", Verdict::kLeftOut, "it cannot"};
  return {passed, failed, left_out};
}

std::string Reported(OutputFormat format, const std::vector<Finding>& findings, KeptLines& kept) {
  std::ostringstream out;
  VerificationReport report("x.so", "Box", format, kept, out);
  for (const Finding& finding : findings) report.Add(finding);
  report.End();
  return out.str();
}

TEST(VerificationReport, CountsAndListsFindings) {
  KeptLines kept;
  const auto document = Json::Parse(Reported(OutputFormat::kJson, SomeFindings(), kept));
  ASSERT_TRUE(document);
  EXPECT_EQ((*document)["plugin"].AsString(), "x.so");
  EXPECT_EQ((*document)["kind"].AsString(), "Box");
  for (const char* result : {"passed", "failed", "skipped"})
    EXPECT_EQ((*document)[result].AsInteger(), 1) << result;
  EXPECT_EQ(document->At("/findings/0/notes/0").AsString(), "a secret was blotted out");
  EXPECT_EQ(document->At("/findings/1/why").AsString(), "it was not");
  EXPECT_EQ(document->At("/findings/2/result").AsString(), "skipped");
  EXPECT_TRUE((*document)["bailOut"].is_null());
}

TEST(VerificationReport, ABailOutIsNoFinding) {
  KeptLines kept;
  Finding end;
  end.why = "cannot reach the cloud";
  end.bails_out = true;
  const auto document = Json::Parse(Reported(OutputFormat::kJson, {end}, kept));
  ASSERT_TRUE(document);
  EXPECT_EQ((*document)["bailOut"].AsString(), "cannot reach the cloud");
  EXPECT_TRUE((*document)["findings"].items().empty());
  EXPECT_EQ(Reported(OutputFormat::kText, {end}, kept), "TAP version 13\nBail out! cannot reach the cloud\n");
}

TEST(VerificationReport, ADeathKeepsEarlierFindings) {
  KeptLines kept;
  (void)Reported(OutputFormat::kJson, SomeFindings(), kept);
  std::ostringstream out;
  ReportDeath("x.so", {"It is deleted", "SIGSEGV", kept.lines}, OutputFormat::kJson, out);
  const auto document = Json::Parse(out.str());
  ASSERT_TRUE(document);
  EXPECT_EQ((*document)["kind"].AsString(), "Box");
  EXPECT_EQ((*document)["findings"].items().size(), 3u);
  EXPECT_THAT((*document)["bailOut"].AsString(),
              testing::HasSubstr("ended the process (SIGSEGV) in \"It is deleted\""));
}

TEST(VerificationReport, ADeathBeforeTheFirstFindingIsADocumentToo) {
  std::ostringstream out;
  ReportDeath("x.so", {"loading the plugin", "exit status 3", {}}, OutputFormat::kJson, out);
  const auto document = Json::Parse(out.str());
  ASSERT_TRUE(document);
  EXPECT_TRUE((*document)["findings"].items().empty());
}

}  // namespace
}  // namespace capstan::app
