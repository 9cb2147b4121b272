// A plugin that lies in its lists: plans, associated resources, notices, offers. The outcome of an
// adoption is determined by the requests that were sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/tests/abi/plugin_fixture.hpp>

namespace capstan::abi {
namespace {

using external::Verdict;
using testing::HasSubstr;

class ListLiarTest : public BadPluginFixture {
 protected:
  void SetUp() override { LoadBad("list_liar"); }
  template <class T>
  static void ExpectRefused(const Result<T>& answer, const char* lie, const char* why) {
    ASSERT_FALSE(answer) << lie;
    EXPECT_EQ(answer.error().code, Code::kDataLoss) << lie << ": " << answer.error();
    EXPECT_THAT(answer.error().message, HasSubstr("the plugin list-liar answered")) << lie;
    EXPECT_THAT(answer.error().message, HasSubstr(why)) << lie;
  }
};

TEST_F(ListLiarTest, LiesInPlansAreFound) {
  const auto honest = external_->MakePlan("honest", {});
  ASSERT_TRUE(honest) << honest.error();
  EXPECT_EQ(honest->differences.size(), 2u);
  const auto told = external_->MakePlan("secret waiting", {});
  ASSERT_TRUE(told) << told.error();
  EXPECT_EQ(told->waiting, "for ***");
  const std::pair<const char*, const char*> rows[] = {
      {"wild differences", "a list of differences outside"},
      {"too many differences", "a list of 1099511627776 differences"},
      {"no difference", "nothing where a difference should be"},
      {"short difference", "a difference shorter than ABI 1.0"},
      {"no field", "an empty field of a difference"},
      {"wild wanted", "wanted outside"},
      {"odd seen", "seen that is not UTF-8"},
      {"wild waiting", "waiting outside"},
      {"no cost", "a cost that is no number"},
      {"wild spent", "a list of spent requests outside"},
      {"too much spent", "a list of 1099511627776 spent requests"},
      {"wild consumes", "consumes outside"},
  };
  for (const auto& [lie, why] : rows) ExpectRefused(external_->MakePlan(lie, {}), lie, why);
  const auto spent = external_->MakePlan("spent", {});
  ASSERT_TRUE(spent) << spent.error();
  EXPECT_EQ(spent->steps.at(0).consumes, "capstan.dev/reset-count=a");
  EXPECT_EQ(spent->spent,
            (std::vector<std::string>{"capstan.dev/reset-count=b", "capstan.dev/reset-count=c"}));
  const auto older = external_->MakePlan("older spent", {});
  ASSERT_TRUE(older) << older.error();
  EXPECT_TRUE(older->spent.empty()) << "what lies behind its struct_size is not read";
}

TEST_F(ListLiarTest, LiesAboutAssociatedObjectsAreDetected) {
  const auto honest = external_->ListAssociated("honest", Context{});
  ASSERT_TRUE(honest) << honest.error();
  ASSERT_EQ(honest->size(), 1u);
  EXPECT_EQ(honest->front().monthly_cost, 2.5);
  const auto older = external_->ListAssociated("older", Context{});
  ASSERT_TRUE(older && older->size() == 1) << older.error();
  EXPECT_EQ(older->front().monthly_cost, 0) << "what lies behind its struct_size is not read";
  const std::pair<const char*, const char*> rows[] = {
      {"no cost", "an associated resource whose cost is no amount"},
      {"endless cost", "an associated resource whose cost is no amount"},
      {"earns", "an associated resource whose cost is no amount"},
      {"nothing", "nothing where a list of associated resources should be"},
      {"short list", "shorter than ABI 1.0"},
      {"wild items", "a list of associated resources outside"},
      {"wild item", "an associated resource outside"},
      {"long item", "longer than its memory"},
      {"no kind", "an empty kind of an associated resource"},
      {"no id", "an empty id of an associated resource"},
      {"odd id", "control characters in the id of an associated resource"},
      {"wild name", "name of an associated resource outside"},
  };
  for (const auto& [lie, why] : rows) ExpectRefused(external_->ListAssociated(lie, Context{}), lie, why);
  EXPECT_FALSE(external_->ListAssociated("not found", Context{}))
      << "a missing object has no list, not an empty one";
}

TEST_F(ListLiarTest, LiesInNoticesAreFound) {
  const auto honest = external_->Notices("honest", "2026-01-01T00:00:00Z", Context{});
  ASSERT_TRUE(honest) << honest.error();
  EXPECT_EQ(honest->size(), 2u);
  const auto told = external_->Notices("secret", "", Context{});
  ASSERT_TRUE(told) << told.error();
  EXPECT_EQ((*told)[1].text, "Bearer ***");
  const std::pair<const char*, const char*> rows[] = {
      {"nothing", "nothing where a list of notices should be"},
      {"wild items", "a list of notices outside"},
      {"no item", "nothing where a notice should be"},
      {"no time", "no RFC 3339 time"},
      {"odd time", "no RFC 3339 time"},
      {"no text", "without a text"},
      {"wild text", "text of a notice outside"},
      {"other order", "not in the order of their times"},
      {"again", "not later than what was asked for"},
  };
  for (const auto& [lie, why] : rows)
    ExpectRefused(external_->Notices(lie, "2026-01-01T00:00:00Z", Context{}), lie, why);
}

TEST_F(ListLiarTest, LiesInOffersAreFound) {
  const auto honest = external_->Offers("honest", Context{});
  ASSERT_TRUE(honest) << honest.error();
  ASSERT_EQ(honest->size(), 2u);
  EXPECT_EQ((*honest)[0].value, "small");
  EXPECT_TRUE((*honest)[0].available);
  EXPECT_EQ((*honest)[0].details, R"({"vcpus":1})");
  EXPECT_EQ((*honest)[1].name, "Large one");
  EXPECT_FALSE((*honest)[1].available);
  EXPECT_EQ((*external_->Offers("secret", Context{}))[1].name, "Bearer ***");
  const std::pair<const char*, const char*> rows[] = {
      {"nothing", "nothing where a list of offers should be"},
      {"short list", "a list of offers shorter than ABI 1.0"},
      {"wild items", "a list of offers outside"},
      {"too many", "a list of 1099511627776 offers"},
      {"no item", "nothing where an offer should be"},
      {"short item", "an offer shorter than ABI 1.0"},
      {"long item", "an offer longer than its memory"},
      {"no value", "an empty value of an offer"},
      {"odd value", "control characters in the value of an offer"},
      {"wild name", "name of an offer outside"},
      {"odd details", "details of an offer"},
      {"twice", "the offer small twice"},
  };
  for (const auto& [lie, why] : rows) ExpectRefused(external_->Offers(lie, Context{}), lie, why);
  EXPECT_FALSE(external_->Offers("not found", Context{})) << "no list is not an empty one";
}

TEST_F(ListLiarTest, TheOutcomeOfAnAdoptionFollowsFromTheRequestsThatWereSent) {
  struct Row {
    const char* said;
    int status;  // 0: the connection is cut
    Verdict verdict;
    const char* reason;
  };
  const Row rows[] = {
      {"done", 200, Verdict::kDone, "accepted"},
      {"done", 422, Verdict::kDone, "it makes nothing: the core looks at the tags afterwards"},
      {"rejected", 403, Verdict::kRejected, "refused by both"},
      {"rejected", 200, Verdict::kUnknown, "the cloud accepted what the plugin says was rejected"},
      {"rejected", 0, Verdict::kUnknown, "bytes left and nobody answered"},
      {"not found", 404, Verdict::kNotFound, "it is not there"},
      {"not found", 503, Verdict::kUnknown, "a 5xx does not say that it is not there"},
      {"unknown", 403, Verdict::kRejected, "a 4xx is certain, whatever the plugin says"},
      {"unknown", 503, Verdict::kUnknown, "nobody knows"},
      {"bad verdict", 200, Verdict::kUnknown, "an unheard-of verdict says nothing"},
  };
  for (const Row& row : rows) {
    cloud_.status = row.status;
    cloud_.cut = row.status == 0;
    const auto outcome = external_->Adopt(row.said, {"capstan:u", "capstan-owner:o", "", ""}, Context{});
    EXPECT_EQ(outcome.verdict, row.verdict) << row.said << " " << row.status << ": " << row.reason;
    EXPECT_TRUE(outcome.id.empty()) << row.reason;
  }
}

TEST_F(ListLiarTest, TheHostAnswersForOperationsThatItDoesNotOffer) {
  LoadBad("liar");
  const auto adopted = external_->Adopt("x", {}, Context{});
  EXPECT_EQ(adopted.verdict, Verdict::kRejected);
  EXPECT_EQ(adopted.error->code, Code::kUnimplemented);
  EXPECT_EQ(adopted.error->message, "the plugin liar does not offer adoption of what exists");
  EXPECT_EQ(external_->ListAssociated("x", Context{}).error().code, Code::kUnimplemented);
  EXPECT_EQ(external_->Notices("x", "", Context{}).error().code, Code::kUnimplemented);
  EXPECT_EQ(external_->Offers("sizes", Context{}).error().code, Code::kUnimplemented);
  EXPECT_EQ(external_->ReadConnection("x", "{}", Context{}).error().code, Code::kUnimplemented);
  EXPECT_TRUE(external_->MakePlan("{}", {})->steps.empty());
}

// The arguments and the answer of a call share its memory limit.
TEST_F(ListLiarTest, ARequestThatIsTooLargeForACallIsNotSent) {
  loader::AdaptOptions options;
  options.call_memory = 4096;
  LoadBad("list_liar", options);
  const std::string large(5000, 'x');
  const auto plan = external_->MakePlan(large, {});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, Code::kTooLarge);
  EXPECT_THAT(plan.error().message, HasSubstr("what plan of the plugin list-liar receives does not fit"));
  const auto removed = external_->Delete("x", {{{"volumes", large, ""}}}, Context{});
  EXPECT_EQ(removed.verdict, Verdict::kRejected) << "certainly nothing was done, and it will not fit again";
}

}  // namespace
}  // namespace capstan::abi
