#include <capstan/core/managed/steps/judge.hpp>

#include <capstan/core/managed/testing/managed_test.hpp>

namespace capstan::managed {
namespace {

using external::Outcome;
using external::Verdict;

Outcome Answered(Verdict verdict, int http_status, Code code = Code::kInvalidArgument) {
  return Outcome{verdict, "", MakeError(code, "", Sent::kYes, http_status)};
}

Outcome Broken(Verdict verdict, Sent sent, Code code = Code::kUnavailable) {
  return Outcome{verdict, "", MakeError(code, "", sent)};
}

TEST(JudgeMaking, TrustsOnlyAnId) {
  EXPECT_EQ(JudgeMaking(Outcome{Verdict::kDone, "id-1", std::nullopt}), Fate::kMade);
  EXPECT_EQ(JudgeMaking(Outcome{Verdict::kDone, "", std::nullopt}), Fate::kUnknown);
}

TEST(JudgeMaking, TrustsARejectionThatTheWireConfirms) {
  EXPECT_EQ(JudgeMaking(Answered(Verdict::kRejected, 422)), Fate::kNotMade);
  EXPECT_EQ(JudgeMaking(Answered(Verdict::kRejected, 401, Code::kUnauthenticated)), Fate::kNotMade);
  EXPECT_EQ(JudgeMaking(Answered(Verdict::kWait, 429, Code::kResourceExhausted)), Fate::kNotMade);
  EXPECT_EQ(JudgeMaking(Broken(Verdict::kRejected, Sent::kNo)), Fate::kNotMade);
}

TEST(JudgeMaking, DoesNotTrustAProvidersClaimOfARejectionWithoutAnAnswer) {
  EXPECT_EQ(JudgeMaking(Answered(Verdict::kRejected, 500, Code::kUnavailable)), Fate::kUnknown);
  EXPECT_EQ(JudgeMaking(Answered(Verdict::kRejected, 503, Code::kUnavailable)), Fate::kUnknown);
  EXPECT_EQ(JudgeMaking(Answered(Verdict::kRejected, 408, Code::kDeadlineExceeded)), Fate::kUnknown);
  EXPECT_EQ(JudgeMaking(Broken(Verdict::kRejected, Sent::kMaybe)), Fate::kUnknown);
  EXPECT_EQ(JudgeMaking(Broken(Verdict::kRejected, Sent::kYes, Code::kDataLoss)), Fate::kUnknown);
  EXPECT_EQ(JudgeMaking(Outcome{Verdict::kRejected, "", std::nullopt}), Fate::kUnknown);
}

TEST(JudgeMaking, TrustsADecisionOfACloudWithoutHttp) {
  EXPECT_EQ(JudgeMaking(Broken(Verdict::kRejected, Sent::kYes, Code::kFailedPrecondition)), Fate::kNotMade);
}

TEST(JudgeMaking, TreatsUnknownAsUnknownWhateverTheErrorSays) {
  EXPECT_EQ(JudgeMaking(Answered(Verdict::kUnknown, 422)), Fate::kUnknown);
  EXPECT_EQ(JudgeMaking(Broken(Verdict::kUnknown, Sent::kNo)), Fate::kUnknown);
}

TEST(MeaningOf, ACodeIsEitherADecisionOfTheCloudOrTransientTrouble) {
  for (const Code code :
       {Code::kInvalidArgument, Code::kNotFound, Code::kAlreadyExists, Code::kConflict, Code::kGone,
        Code::kTooLarge, Code::kUnsupportedMedia, Code::kUnimplemented, Code::kFailedPrecondition})
    EXPECT_EQ(MeaningOf(code).fault, Fault::kSpec) << code;
  EXPECT_EQ(MeaningOf(Code::kUnauthenticated).reason, Reason::kUnauthenticated);
  EXPECT_EQ(MeaningOf(Code::kPermissionDenied).reason, Reason::kPermissionDenied);
  EXPECT_EQ(MeaningOf(Code::kResourceExhausted).reason, Reason::kRateLimited);
  for (const Code code : {Code::kDeadlineExceeded, Code::kUnavailable, Code::kDataLoss, Code::kInternal})
    EXPECT_EQ(MeaningOf(code).reason, Reason::kCloudUnavailable) << code;
}

// The same answer has the same meaning for every request.
class Refusal : public ManagedTest {
 protected:
  void RefuseWith(int status) {
    auto options = simulation::SimulatedBoxes::Options(world.options.cloud);
    for (const char* operation : {"POST /boxes", "PUT /boxes", "DELETE /boxes", "POST lids", "PUT tags"})
      options.refusals[operation] = status;
    boxes().SetOptions(options);
  }
  // Condition Synced when the cloud answers each change with that status: create, change,
  // create a part, adopt, remove.
  std::vector<std::string> Conditions(int status) {
    std::vector<std::string> all;
    MakeReady();
    RefuseWith(status);
    EXPECT_TRUE(world.Apply("new", kSecretSpec));
    EXPECT_TRUE(world.Apply("a", R"("size":4)"));
    world.RunFor(std::chrono::minutes(8));  // a quota is tolerated for some minutes
    all.push_back(world.ConditionOf("new", "Synced"));
    all.push_back(world.ConditionOf("a", "Synced"));
    EXPECT_TRUE(world.Apply("a", R"("size":3,"lids":["x"])"));
    world.RunFor(std::chrono::minutes(8));
    all.push_back(world.ConditionOf("a", "Synced"));
    const std::string foreign = boxes().PutByHand("account-a", "theirs", {});
    EXPECT_TRUE(world.Apply("taker", std::string(kSecretSpec) + R"(,"adopt":{"boxID":")" + foreign + "\"}"));
    world.RunFor(std::chrono::minutes(8));
    all.push_back(world.ConditionOf("taker", "Synced"));
    EXPECT_TRUE(world.Delete("a"));
    world.RunFor(std::chrono::minutes(8));
    all.push_back(world.ConditionOf("a", "Synced"));
    return all;
  }
  static std::vector<std::string> FaultOfTheSpec() {
    return {"False/CreateRejected", "False/UpdateRejected", "False/UpdateRejected", "False/AdoptionRefused",
            "False/DeletionRejected"};
  }
  static std::vector<std::string> Each(const std::string& condition) {
    return std::vector<std::string>(5, condition);
  }
};

TEST_F(Refusal, OfARequestThatIsTooLargeIsTheSpecsFaultEverywhere) {
  EXPECT_EQ(Conditions(413), FaultOfTheSpec());
}
TEST_F(Refusal, OfARequestThatIsWrongIsTheSpecsFaultEverywhere) {
  EXPECT_EQ(Conditions(422), FaultOfTheSpec());
}
TEST_F(Refusal, OfAConflictIsTheSpecsFaultEverywhere) { EXPECT_EQ(Conditions(409), FaultOfTheSpec()); }
TEST_F(Refusal, OfAPermissionIsTheCredentialsFaultEverywhere) {
  EXPECT_EQ(Conditions(403), Each("False/PermissionDenied"));
}
TEST_F(Refusal, OfTheQuotaShowsAsSuchEverywhere) { EXPECT_EQ(Conditions(429), Each("False/RateLimited")); }

}  // namespace
}  // namespace capstan::managed
