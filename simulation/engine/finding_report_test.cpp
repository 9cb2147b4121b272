#include <capstan/simulation/engine/finding_report.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/json.hpp>

namespace capstan::simulation {
namespace {

Summary OneFinding() {
  Summary summary;
  summary.scenario = "create-delete";
  summary.again = "capstan-explore --lives=full --scenario=create-delete";
  summary.schedules = 7;
  Finding finding;
  finding.schedule = {{2, Mishap::kTimeoutAfter}};
  finding.violation = "two live cloud objects of <capstan:u>";
  for (int number = 1; number <= 3; ++number) {
    Effect effect;
    effect.number = number;
    effect.life = number == 3 ? 2 : 1;
    effect.what = "POST boxes.test/boxes";
    effect.cloud = true;
    effect.result = "201";
    effect.at = Instant(std::chrono::hours(1) + std::chrono::seconds(number));
    if (number == 2) effect.mishap = Mishap::kTimeoutAfter;
    finding.effects.push_back(effect);
  }
  summary.findings.push_back(finding);
  return summary;
}

TEST(FindingReport, SaysInWordsWhatWentWrongAndHowToReproduceIt) {
  const Summary summary = OneFinding();
  const std::string text = FindingText(summary.findings[0], summary.again);
  EXPECT_NE(text.find("at effect 2 (POST boxes.test/boxes) no answer comes, and the server has done it"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("capstan-explore --lives=full --scenario=create-delete --schedule=2:timeout-after"),
            std::string::npos)
      << text;
}

TEST(FindingReport, PageIsSelfContainedAndHasAPictureWithALaneForEachLife) {
  const std::string page = FindingsPage(OneFinding());
  EXPECT_NE(page.find("<svg"), std::string::npos);
  EXPECT_NE(page.find(">life 1<"), std::string::npos);
  EXPECT_NE(page.find(">life 2<"), std::string::npos);
  EXPECT_NE(page.find("two live cloud objects of &lt;capstan:u&gt;"), std::string::npos);
  for (const char* elsewhere : {"<script", "<link", "src=", "@import", "http://", "https://"})
    EXPECT_EQ(page.find(elsewhere), std::string::npos) << elsewhere;
}

TEST(FindingReport, DocumentHasEachViolationWithItsScheduleAndTimeline) {
  const auto document = Json::Parse(FindingsDocument(OneFinding()));
  ASSERT_TRUE(document);
  EXPECT_EQ((*document)["explored"].AsString(), "create-delete");
  EXPECT_EQ((*document)["schedules"].AsInteger(), 7);
  ASSERT_EQ((*document)["violations"].items().size(), 1u);
  const Json& violation = (*document)["violations"].items()[0];
  EXPECT_EQ(violation["violation"].AsString(), "two live cloud objects of <capstan:u>");
  EXPECT_EQ(violation["schedule"].AsString(), "2:timeout-after");
  EXPECT_EQ(violation["again"].AsString(),
            "capstan-explore --lives=full --scenario=create-delete --schedule=2:timeout-after");
  ASSERT_EQ(violation["timeline"].items().size(), 3u);
  EXPECT_EQ(violation.At("/timeline/1/mishap").AsString(), "timeout-after");
  EXPECT_EQ(violation.At("/timeline/1/milliseconds").AsInteger(), 2000);
  EXPECT_TRUE(violation.At("/timeline/0/mishap").is_null());
  EXPECT_EQ(violation.At("/timeline/2/life").AsInteger(), 2);
}

}  // namespace
}  // namespace capstan::simulation
