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

TEST(JudgeCreate, TrustsOnlyAnId) {
  EXPECT_EQ(JudgeCreate(Outcome{Verdict::kDone, "id-1", std::nullopt}), CreateOutcome::kCreated);
  EXPECT_EQ(JudgeCreate(Outcome{Verdict::kDone, "", std::nullopt}), CreateOutcome::kUnknown);
}

TEST(JudgeCreate, TrustsARejectionThatTheWireConfirms) {
  EXPECT_EQ(JudgeCreate(Answered(Verdict::kRejected, 422)), CreateOutcome::kNotCreated);
  EXPECT_EQ(JudgeCreate(Answered(Verdict::kRejected, 401, Code::kUnauthenticated)),
            CreateOutcome::kNotCreated);
  EXPECT_EQ(JudgeCreate(Answered(Verdict::kWait, 429, Code::kResourceExhausted)), CreateOutcome::kNotCreated);
  EXPECT_EQ(JudgeCreate(Broken(Verdict::kRejected, Sent::kNo)), CreateOutcome::kNotCreated);
}

TEST(JudgeCreate, DoesNotTrustAProvidersClaimOfARejectionWithoutAnAnswer) {
  EXPECT_EQ(JudgeCreate(Answered(Verdict::kRejected, 500, Code::kUnavailable)), CreateOutcome::kUnknown);
  EXPECT_EQ(JudgeCreate(Answered(Verdict::kRejected, 503, Code::kUnavailable)), CreateOutcome::kUnknown);
  EXPECT_EQ(JudgeCreate(Answered(Verdict::kRejected, 408, Code::kDeadlineExceeded)), CreateOutcome::kUnknown);
  EXPECT_EQ(JudgeCreate(Broken(Verdict::kRejected, Sent::kMaybe)), CreateOutcome::kUnknown);
  EXPECT_EQ(JudgeCreate(Broken(Verdict::kRejected, Sent::kYes, Code::kDataLoss)), CreateOutcome::kUnknown);
  EXPECT_EQ(JudgeCreate(Outcome{Verdict::kRejected, "", std::nullopt}), CreateOutcome::kUnknown);
}

TEST(JudgeCreate, TrustsADecisionOfACloudWithoutHttp) {
  EXPECT_EQ(JudgeCreate(Broken(Verdict::kRejected, Sent::kYes, Code::kFailedPrecondition)),
            CreateOutcome::kNotCreated);
}

TEST(JudgeCreate, TreatsUnknownAsUnknownWhateverTheErrorSays) {
  EXPECT_EQ(JudgeCreate(Answered(Verdict::kUnknown, 422)), CreateOutcome::kUnknown);
  EXPECT_EQ(JudgeCreate(Broken(Verdict::kUnknown, Sent::kNo)), CreateOutcome::kUnknown);
}

TEST(ClassifyError, ACodeIsEitherADecisionOfTheCloudOrTransientTrouble) {
  for (const Code code :
       {Code::kInvalidArgument, Code::kNotFound, Code::kAlreadyExists, Code::kConflict, Code::kGone,
        Code::kTooLarge, Code::kUnsupportedMedia, Code::kUnimplemented, Code::kFailedPrecondition})
    EXPECT_EQ(ClassifyError(code).fault, Fault::kSpec) << code;
  EXPECT_EQ(ClassifyError(Code::kUnauthenticated).reason, Reason::kUnauthenticated);
  EXPECT_EQ(ClassifyError(Code::kPermissionDenied).reason, Reason::kPermissionDenied);
  EXPECT_EQ(ClassifyError(Code::kResourceExhausted).reason, Reason::kRateLimited);
  for (const Code code : {Code::kDeadlineExceeded, Code::kUnavailable, Code::kDataLoss, Code::kInternal})
    EXPECT_EQ(ClassifyError(code).reason, Reason::kCloudUnavailable) << code;
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
