#include <gtest/gtest.h>

#include <capstan/core/managed/steps/judge.hpp>

namespace capstan::managed {
namespace {

using external::Outcome;
using external::Verdict;

Outcome Answered(Verdict verdict, int http_status, Code code = Code::kInvalidArgument) {
  Error error;
  error.code = code;
  error.http_status = http_status;
  error.sent = Sent::kYes;
  return Outcome{verdict, "", error};
}

Outcome Broken(Verdict verdict, Sent sent, Code code = Code::kUnavailable) {
  Error error;
  error.code = code;
  error.sent = sent;
  return Outcome{verdict, "", error};
}

TEST(JudgeMaking, BelievesAnIdAndNothingLess) {
  EXPECT_EQ(JudgeMaking(Outcome{Verdict::kDone, "id-1", std::nullopt}), Fate::kMade);
  EXPECT_EQ(JudgeMaking(Outcome{Verdict::kDone, "", std::nullopt}), Fate::kUnknown);
}

TEST(JudgeMaking, BelievesARejectionThatTheWireConfirms) {
  EXPECT_EQ(JudgeMaking(Answered(Verdict::kRejected, 422)), Fate::kNotMade);
  EXPECT_EQ(JudgeMaking(Answered(Verdict::kRejected, 401, Code::kUnauthenticated)), Fate::kNotMade);
  EXPECT_EQ(JudgeMaking(Answered(Verdict::kWait, 429, Code::kResourceExhausted)), Fate::kNotMade);
  EXPECT_EQ(JudgeMaking(Broken(Verdict::kRejected, Sent::kNo)), Fate::kNotMade);
}

TEST(JudgeMaking, DoesNotTakeAProvidersWordForARejectionThatNobodyCanKnow) {
  EXPECT_EQ(JudgeMaking(Answered(Verdict::kRejected, 500, Code::kUnavailable)), Fate::kUnknown);
  EXPECT_EQ(JudgeMaking(Answered(Verdict::kRejected, 503, Code::kUnavailable)), Fate::kUnknown);
  EXPECT_EQ(JudgeMaking(Answered(Verdict::kRejected, 408, Code::kDeadlineExceeded)), Fate::kUnknown);
  EXPECT_EQ(JudgeMaking(Broken(Verdict::kRejected, Sent::kMaybe)), Fate::kUnknown);
  EXPECT_EQ(JudgeMaking(Broken(Verdict::kRejected, Sent::kYes, Code::kDataLoss)), Fate::kUnknown);
  EXPECT_EQ(JudgeMaking(Outcome{Verdict::kRejected, "", std::nullopt}), Fate::kUnknown);
}

TEST(JudgeMaking, BelievesADecisionOfACloudThatSpeaksNoHttp) {
  EXPECT_EQ(JudgeMaking(Broken(Verdict::kRejected, Sent::kYes, Code::kFailedPrecondition)), Fate::kNotMade);
}

TEST(JudgeMaking, TakesUnknownForUnknownWhateverTheErrorSays) {
  EXPECT_EQ(JudgeMaking(Answered(Verdict::kUnknown, 422)), Fate::kUnknown);
  EXPECT_EQ(JudgeMaking(Broken(Verdict::kUnknown, Sent::kNo)), Fate::kUnknown);
}

}  // namespace
}  // namespace capstan::managed
