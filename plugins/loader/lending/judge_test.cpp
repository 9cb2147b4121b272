#include <capstan/plugins/loader/lending/judge.hpp>

#include <gtest/gtest.h>

namespace capstan::loader {
namespace {

using external::Outcome;
using external::Verdict;

constexpr SentRequest kRefused{true, Sent::kYes, 422};
constexpr SentRequest kAccepted{true, Sent::kYes, 202};
constexpr SentRequest kFailed{true, Sent::kYes, 503};
constexpr SentRequest kCut{true, Sent::kMaybe, 0};
constexpr SentRequest kUnsent{true, Sent::kNo, 0};
constexpr SentRequest kLook{false, Sent::kYes, 500};

Outcome Said(Verdict verdict) {
  Outcome outcome;
  outcome.verdict = verdict;
  if (verdict == Verdict::kDone) {
    outcome.id = "id-1";
  } else {
    outcome.error.emplace();
    outcome.error->message = "why";
  }
  return outcome;
}

TEST(Judge, BelievesTheTransportMoreThanThePlugin) {
  struct Row {
    Verdict said;
    std::vector<SentRequest> seen;
    bool makes;
    Verdict judged;
    const char* reason;
  };
  const Row rows[] = {
      {Verdict::kDone, {kAccepted}, true, Verdict::kDone, "accepted"},
      {Verdict::kDone, {kRefused}, true, Verdict::kUnknown, "nothing was accepted"},
      {Verdict::kDone, {kCut}, true, Verdict::kUnknown, "nobody answered"},
      {Verdict::kDone, {kRefused, kAccepted}, true, Verdict::kDone, "the second was accepted"},
      {Verdict::kDone, {kRefused}, false, Verdict::kDone, "a removal may be done already"},
      {Verdict::kDone, {kLook}, true, Verdict::kDone, "made without the lent HTTP"},
      {Verdict::kRejected, {kRefused}, true, Verdict::kRejected, "refused"},
      {Verdict::kRejected, {kUnsent}, true, Verdict::kRejected, "nothing left"},
      {Verdict::kRejected, {kUnsent, kRefused}, true, Verdict::kRejected, "neither did anything"},
      {Verdict::kRejected, {kRefused, kCut}, true, Verdict::kUnknown, "one of both may have"},
      {Verdict::kRejected, {kAccepted}, true, Verdict::kUnknown, "accepted"},
      {Verdict::kRejected, {kFailed}, true, Verdict::kUnknown, "a 5xx may come after the making"},
      {Verdict::kRejected,
       {{true, Sent::kYes, 408}},
       true,
       Verdict::kUnknown,
       "who gave up waiting knows nothing"},
      {Verdict::kRejected, {}, true, Verdict::kRejected, "no HTTP at all: its word counts"},
      {Verdict::kWait, {kFailed}, true, Verdict::kUnknown, "a 5xx"},
      {Verdict::kWait, {kRefused}, true, Verdict::kWait, "not yet"},
      {Verdict::kNotFound, {kCut}, false, Verdict::kUnknown, "it may have been there"},
      {Verdict::kNotFound, {{true, Sent::kYes, 404}}, false, Verdict::kNotFound, "404"},
      {Verdict::kUnknown, {kUnsent}, true, Verdict::kWait, "not sent, so not made"},
      {Verdict::kUnknown, {kRefused}, true, Verdict::kRejected, "4xx, so not made"},
      {Verdict::kUnknown, {kCut}, true, Verdict::kUnknown, "nobody knows"},
      {Verdict::kUnknown, {kLook}, true, Verdict::kUnknown, "nothing to judge by"},
  };
  for (const Row& row : rows) {
    const Outcome judged = Judge(Said(row.said), row.seen, row.makes);
    EXPECT_EQ(judged.verdict, row.judged) << external::VerdictName(row.said) << ": " << row.reason;
    EXPECT_EQ(judged.error.has_value(), judged.verdict != Verdict::kDone) << row.reason;
    EXPECT_EQ(judged.id.empty(), judged.verdict != Verdict::kDone) << row.reason;
  }
}

TEST(Judge, SetsWhatTheTransportKnowsIntoTheError) {
  Outcome said = Said(Verdict::kUnknown);
  said.error->sent = Sent::kNo;
  EXPECT_EQ(Judge(said, {kCut, kAccepted}, true).error->sent, Sent::kMaybe);
  EXPECT_EQ(Judge(said, {kFailed}, true).error->sent, Sent::kYes);
}

TEST(Judge, AnUnansweredRequestOutweighsAnsweredOnes) {
  EXPECT_EQ(StrongestSent({}), Sent::kNo);
  EXPECT_EQ(StrongestSent({kUnsent}), Sent::kNo);
  EXPECT_EQ(StrongestSent({kUnsent, kAccepted}), Sent::kYes);
  EXPECT_EQ(StrongestSent({kAccepted, kCut, kAccepted}), Sent::kMaybe);
}

}  // namespace
}  // namespace capstan::loader
