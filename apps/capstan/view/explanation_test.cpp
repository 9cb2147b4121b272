#include <capstan/apps/capstan/view/explanation.hpp>

#include <algorithm>

#include <gtest/gtest.h>

#include <capstan/apps/capstan/console/terminal.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

ObjectView Blocked(std::string reason, std::string message) {
  ObjectView view;
  view.kind = "DigitalOceanCluster";
  view.key = {"shop", "web"};
  view.ready = "True";
  view.ready_reason = "Available";
  view.synced = "False";
  view.synced_reason = std::move(reason);
  view.synced_message = std::move(message);
  view.observed_latest = true;
  return view;
}

// Of an object whose next step destroys something; the recording is empty.
Explanation AwaitingApproval() {
  Explanation explanation{
      Blocked("ApprovalNeeded",
              "the next step destroys: remove nodePools/batch: spec.nodePools has no batch any "
              "more. Approve it with annotation capstan.dev/approve=09b9591b"),
      managed::Recording{},
      "",
      {}};
  explanation.view.plan_hash = "09b9591b";
  return explanation;
}

std::string Text(const Explanation& explanation) {
  return Join(ExplanationToLines(explanation, false, 0), "\n");
}

bool Says(const Explanation& explanation, std::string_view text) {
  return Text(explanation).find(text) != std::string::npos;
}

TEST(Explanation, OfEveryReasonIsFoundByItsNameInAnyCase) {
  for (const managed::ReasonInfo& reason : managed::AllReasons()) {
    EXPECT_EQ(FindReason(ToLower(reason.name)), &reason);
    const std::string text = Join(ExplainReason(reason, 0), "\n");
    EXPECT_NE(text.find(reason.meaning), std::string::npos) << reason.name;
    EXPECT_NE(text.find(reason.remedy.empty() ? "Nothing." : reason.remedy), std::string::npos)
        << reason.name;
  }
  EXPECT_EQ(FindReason("NoSuchReason"), nullptr);
}

TEST(Explanation, NamesWhatAnObjectWaitsForAndWhatToDo) {
  const Explanation explanation{Blocked("NameTaken", "the account has another cluster \"web\""), {}, "", {}};
  EXPECT_TRUE(Says(explanation, "NameTaken: the account has another cluster"));
  EXPECT_TRUE(Says(explanation, FindReason("NameTaken")->remedy)) << Text(explanation);
}

TEST(Explanation, GivesTheLineThatApprovesThePlan) {
  Explanation explanation{Blocked("ApprovalNeeded", "approve 3f2a"), {}, "", {}};
  explanation.view.plan_hash = "3f2a";
  EXPECT_TRUE(Says(explanation,
                   "kubectl annotate digitaloceancluster/web -n shop --overwrite "
                   "capstan.dev/approve=3f2a"))
      << Text(explanation);
}

TEST(Explanation, SaysWhenTheObjectIsReconciledAgainAndWhatWasTriedLast) {
  Explanation explanation{Blocked("RateLimited", "quota resets in 41 s"), managed::Recording{}, "", {}};
  explanation.now = *ParseRfc3339("2026-11-28T10:00:00Z");
  explanation.recording->until = explanation.now + seconds(41);
  managed::Effect refused;
  refused.operation = "apply";
  refused.target = "scale nodePools/web";
  refused.outcome = "wait";
  refused.detail = "429 too many requests";
  refused.at = explanation.now - seconds(3);
  refused.took = milliseconds(87);
  refused.count = 4;
  explanation.recording->effects = {refused};
  EXPECT_TRUE(Says(explanation, "reconciled again in 41s")) << Text(explanation);
  EXPECT_TRUE(Says(explanation, "09:59:57  apply  scale nodePools/web (4 times)  wait  87 ms  429"))
      << Text(explanation);
}

TEST(Explanation, FitsOnOneScreenHoweverMuchHappened) {
  Explanation explanation{Blocked("CloudUnavailable", "502"), managed::Recording{}, "", {}};
  for (int i = 0; i < 64; ++i) {
    managed::Effect effect;
    effect.operation = StrCat("effect ", i);
    explanation.recording->effects.push_back(effect);
  }
  EXPECT_LE(ExplanationToLines(explanation, false, 0).size(), 24u);
  EXPECT_TRUE(Says(explanation, "effect 63"));
}

TEST(Explanation, FitsAScreenOf24LinesAndShowsTenEffectsElsewhere) {
  Explanation explanation = AwaitingApproval();
  explanation.lease = "lease held by capstan-0, renewed 1s ago";
  managed::Effect effect;
  effect.operation = "find";
  effect.outcome = "ok";
  for (int i = 0; i < 20; ++i) explanation.recording->effects.push_back(effect);
  const auto effects = [](const std::vector<std::string>& lines) {
    return std::count_if(lines.begin(), lines.end(),
                         [](const std::string& line) { return line.find("  find") != std::string::npos; });
  };
  const auto on_terminal = ExplanationToLines(explanation, true, 80);
  EXPECT_LE(on_terminal.size(), 23u);
  EXPECT_GE(effects(on_terminal), 3);
  EXPECT_EQ(effects(ExplanationToLines(explanation, false, 0)), 10);
}

TEST(Explanation, NoLineExceptCommandsToCopyIsWiderThanTheTerminal) {
  Explanation explanation = AwaitingApproval();
  managed::Effect effect;
  effect.operation = "find";
  effect.outcome = "ok";
  effect.target = "capstan:52651c80-52b0-4c91-8c19-28034891d3c1";
  effect.detail = "0 found, and a long word about that which goes on and on";
  explanation.recording->effects.push_back(effect);
  for (const std::size_t width : {std::size_t{80}, std::size_t{100}}) {
    std::string all;
    for (const std::string& line : ExplanationToLines(explanation, true, width)) {
      const bool command = line.find("kubectl annotate") != std::string::npos;
      EXPECT_TRUE(command || ColumnsOf(line) <= width) << width << ": " << line;
      all += line + "\n";
    }
    EXPECT_NE(all.find("\n                "), std::string::npos) << "what is broken goes on below its text\n"
                                                                 << all;
    EXPECT_NE(all.find("find"), std::string::npos);
  }
}

TEST(Terminal, LinesAreBrokenAtSpacesAndColoursTakeNoColumns) {
  const std::vector<std::string> whole = {"  plan  a b"}, broken = {"  plan  one two", "        three"};
  EXPECT_EQ(Wrapped("  plan  a b", 8, 0), whole);
  EXPECT_EQ(Wrapped("  plan  a b", 8, 11), whole);
  EXPECT_EQ(Wrapped("  plan  one two three", 8, 16), broken);
  const std::string red = "  plan  one \033[31mtwo\033[0m";
  EXPECT_EQ(Wrapped(red, 8, 15), std::vector<std::string>{red});
  const std::vector<std::string> long_word = {"  plan  a", "        0123456789012345", "        b"};
  EXPECT_EQ(Wrapped("  plan  a 0123456789012345 b", 8, 12), long_word);
}

TEST(Explanation, HasColoursOnlyIfRequested) {
  const Explanation explanation{Blocked("NameTaken", "m"), {}, "", {}};
  EXPECT_EQ(Text(explanation).find('\033'), std::string::npos);
  EXPECT_NE(Join(ExplanationToLines(explanation, true, 0), "\n").find('\033'), std::string::npos);
}

TEST(Explanation, AsJsonHasTheReasonAndTheRecording) {
  Explanation explanation{Blocked("NameTaken", "m"), managed::Recording{}, "", {}};
  explanation.recording->kind = "DigitalOceanCluster";
  explanation.recording->key = {"shop", "web"};
  const Json json = ExplanationToJson(explanation);
  EXPECT_EQ(json["reason"].AsString(), "NameTaken");
  EXPECT_EQ(json["object"]["name"].AsString(), "web");
  EXPECT_EQ(json["recording"]["name"].AsString(), "web");
}

TEST(Explanation, SaysWhatIsWaitedForAndUntilWhen) {
  Explanation explanation{Blocked("RateLimited", "429"), managed::Recording{}, "", {}};
  explanation.now = *ParseRfc3339("2026-11-28T10:00:00Z");
  explanation.recording->until = explanation.now + seconds(41);
  EXPECT_TRUE(Says(explanation, "until         quota resets in 41s")) << Text(explanation);
  explanation.view = Blocked("InSync", "");
  EXPECT_FALSE(Says(explanation, "quota resets"));
  managed::Effect refused;
  refused.operation = "observe";
  refused.outcome = "resource_exhausted";
  explanation.recording->effects = {refused};
  EXPECT_TRUE(Says(explanation, "quota resets in 41s")) << "also before a condition says so";
  explanation.recording->effects.clear();
  explanation.recording->write_unseen = true;
  EXPECT_TRUE(Says(explanation, "own write not yet seen")) << Text(explanation);
  explanation.view = Blocked("ApprovalNeeded", "");
  explanation.view.plan_hash = "3f2a";
  EXPECT_TRUE(Says(explanation, "approval of plan 3f2a")) << Text(explanation);
  explanation.lease = "lease held by pod-7_1f";
  EXPECT_TRUE(Says(explanation, "operator      lease held by pod-7_1f")) << Text(explanation);
}

TEST(Explanation, SaysWhoHoldsTheLeaseAndWhenThereIsNoHolder) {
  const WallTime now = *ParseRfc3339("2026-11-28T10:00:20Z");
  const auto words = [&](const char* spec) {
    return LeaseInWords(*kube::Object::Parse(StrCat(R"({"metadata":{"name":"capstan"},"spec":)", spec, "}")),
                        now);
  };
  EXPECT_EQ(words(R"({"holderIdentity":"pod-7_1f","renewTime":"2026-11-28T10:00:18.000000Z",)"
                  R"("leaseDurationSeconds":15})"),
            "lease held by pod-7_1f, renewed 2s ago");
  EXPECT_EQ(words(R"({"holderIdentity":"pod-7_1f","renewTime":"2026-11-28T09:58:20.000000Z",)"
                  R"("leaseDurationSeconds":15})"),
            "no operator runs: the lease was last held by pod-7_1f, 2m ago");
  EXPECT_EQ(words(R"({"holderIdentity":""})"), "no operator runs: nobody holds the Lease");
}

}  // namespace
}  // namespace capstan::app
