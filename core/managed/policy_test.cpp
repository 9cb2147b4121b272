#include <capstan/core/managed/policy.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>

namespace capstan::managed {
namespace {

kube::Object With(const std::string& spec) {
  auto object = kube::Object::Parse(
      StrCat(R"({"apiVersion":"v1","kind":"Box","metadata":{"name":"a","uid":"u"},"spec":{)", spec, "}}"));
  EXPECT_TRUE(object) << spec;
  return *object;
}
Record Adopted() {
  Record record;
  record.id = "box-1";
  record.adopted = true;
  return record;
}

struct PolicyCase {
  const char* why;
  const char* spec;
  bool observes, retains;
};

TEST(Policy, IsWhatTheSpecSaysAndCarefulWhereItSaysNothingOfAnAdoption) {
  for (const PolicyCase& c : {
           PolicyCase{"nothing is said", "", false, false},
           PolicyCase{"adopt is not there", R"("adopt":null)", false, false},
           PolicyCase{"an adoption", R"("adopt":{"name":"x"})", true, true},
           PolicyCase{"an adoption with all rights",
                      R"("adopt":{"name":"x"},"managementPolicy":"Full","deletionPolicy":"Delete")", false,
                      false},
           PolicyCase{"no adoption, only looked at",
                      R"("managementPolicy":"Observe","deletionPolicy":"Retain")", true, true},
           PolicyCase{"a policy of another version", R"("managementPolicy":"ObserveOnly")", true, false},
           PolicyCase{"a policy misspelt", R"("managementPolicy":"full")", true, false},
       }) {
    EXPECT_EQ(ObservesOnly(With(c.spec), Record()), c.observes) << c.why;
    EXPECT_EQ(Retains(With(c.spec), Record()), c.retains) << c.why;
  }
}

TEST(Policy, OfWhatWasAdoptedStaysCarefulWhenTheWishIsTakenAway) {
  EXPECT_TRUE(ObservesOnly(With(""), Adopted()));
  EXPECT_TRUE(Retains(With(""), Adopted()));
  EXPECT_FALSE(ObservesOnly(With(R"("managementPolicy":"Full")"), Adopted()));
  EXPECT_FALSE(Retains(With(R"("deletionPolicy":"Delete")"), Adopted()));
}

TEST(Policy, MakesOnlyItsOwnAgainAndOnlyWhenAsked) {
  const auto makes = [](const char* spec) {
    return MakesLostAgain(With(spec), Record(), external::KindInfo());
  };
  EXPECT_FALSE(makes(""));
  EXPECT_TRUE(makes(R"("recreateIfLost":true)"));
  EXPECT_FALSE(makes(R"("recreateIfLost":true,"managementPolicy":"Observe")"));
  EXPECT_FALSE(makes(R"("recreateIfLost":true,"managementPolicy":"Full","adopt":{"name":"x"})"));
}

}  // namespace
}  // namespace capstan::managed
