// The conformance suite runs in accounts that contain other people's objects. However bad the
// provider, objects that the suite did not create stay unchanged, and those that it created are
// deleted or named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/tests/abi/careless_provider.hpp>
#include <capstan/tests/abi/conformance_subject.hpp>

namespace capstan::abi {
namespace {

using conformance::Finding;
using conformance::Verdict;
using testing::HasSubstr;

// An account that contains other objects.
struct AccountWithForeignObjects {
  AccountWithForeignObjects() : world({.list_lag = std::chrono::seconds(7)}) {
    shop = world.cloud.MakeForeign("account-a", "shop");
    world.cloud.Tag(shop, {"capstan:of-another-installation", "capstan-owner:another", "team:shop"});
    // As if from an earlier run: only the name resembles ours.
    earlier = world.cloud.MakeForeign("account-a", "conformance-main-123456789");
    untagged = world.cloud.MakeForeign("account-a", "production-db");
    world.scheduler.RunFor(std::chrono::minutes(5));
    before = Seen();
  }

  std::vector<Finding> Verify(Carelessness how) {
    auto plugin = loader::LoadPlugin(*world.files, MadeUpPlugin(), world.seams());
    if (!plugin) {
      ADD_FAILURE() << plugin.error();
      return {};
    }
    conformance::Subject subject = MadeUpSubject(world, *plugin);
    if (!absent_id.empty()) subject.absent_id = absent_id;
    subject.make = [make = subject.make, how](http::Transport& transport,
                                              Log& log) -> Result<std::unique_ptr<external::Provider>> {
      CAPSTAN_TRY(auto provider, make(transport, log));
      return MakeCareless(std::move(provider), how);
    };
    return conformance::Verify(subject, Context{});
  }

  // Every object that the suite did not create, with all its mutable fields.
  std::vector<std::string> Seen() const {
    std::vector<std::string> seen;
    for (const MadeUpCluster& one : world.cloud.Clusters()) {
      if (one.id == shop || one.id == earlier || one.id == untagged)
        seen.push_back(StrCat(one.id, " ", one.name, " ", one.size, one.state == "deleting" ? " goes " : " ",
                              Join(one.tags, ",")));
    }
    return seen;
  }
  std::vector<std::string> Ours() {
    world.scheduler.RunFor(std::chrono::hours(1));
    std::vector<std::string> ours;
    for (const MadeUpCluster& one : world.cloud.Clusters()) {
      if (one.id != shop && one.id != earlier && one.id != untagged) ours.push_back(one.name);
    }
    return ours;
  }

  PluginWorld world;
  std::string shop, earlier, untagged, absent_id;
  std::vector<std::string> before;
};

const Finding& FindingOf(const std::vector<Finding>& findings, const std::string& check) {
  static const Finding kNone{"none", Verdict::kFailed, "there is no such check"};
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [&](const Finding& one) { return one.check.starts_with(check); });
  return found == findings.end() ? kNone : *found;
}
const Finding& Removal(const std::vector<Finding>& findings) {
  return FindingOf(findings, "What the run created is deleted again");
}

TEST(Strangers, StayAsTheyAreWhateverTheProviderShowsOrAnswers) {
  for (const Carelessness how :
       {Carelessness::kFindsEverything, Carelessness::kClaimsEverything, Carelessness::kFindsByPrefix,
        Carelessness::kFindsNothing, Carelessness::kFindFails, Carelessness::kFindFailsLater,
        Carelessness::kAnswersForeignId, Carelessness::kAnswersUnknownId, Carelessness::kMakesWithoutTags,
        Carelessness::kRemovesNothing, Carelessness::kFindsWhatIsAbsent}) {
    AccountWithForeignObjects account;
    const auto findings = account.Verify(how);
    EXPECT_EQ(account.Seen(), account.before) << static_cast<int>(how);
    EXPECT_FALSE(conformance::AllPassed(findings)) << static_cast<int>(how);
    // The report names what is left of the suite's objects.
    for (const std::string& name : account.Ours()) {
      EXPECT_EQ(Removal(findings).verdict, Verdict::kFailed) << name << " " << static_cast<int>(how);
      EXPECT_THAT(Removal(findings).why, HasSubstr(name)) << static_cast<int>(how);
    }
  }
}

TEST(Strangers, OfAProviderThatFindsEverythingOnlyTheSuitesOwnAreRemoved) {
  for (const Carelessness how :
       {Carelessness::kFindsEverything, Carelessness::kClaimsEverything, Carelessness::kFindsByPrefix}) {
    AccountWithForeignObjects account;
    const auto findings = account.Verify(how);
    EXPECT_EQ(account.Seen(), account.before);
    EXPECT_EQ(account.Ours(), std::vector<std::string>()) << conformance::Report(findings);
    EXPECT_EQ(Removal(findings).verdict, Verdict::kPassed) << Removal(findings).why;
  }
}

TEST(Strangers, AnIdThatIsNotAbsentIsNeitherRemovedNorAdopted) {
  AccountWithForeignObjects account;
  account.absent_id = account.untagged;
  const auto findings = account.Verify(Carelessness::kFindFailsLater);
  EXPECT_EQ(account.Seen(), account.before);
  EXPECT_THAT(FindingOf(findings, "Get of an id that no object has").why, HasSubstr("--absent-id"));
  for (const char* check : {"Delete of an id that no object has", "Adopt of an id that no object has"})
    EXPECT_EQ(FindingOf(findings, check).verdict, Verdict::kLeftOut) << check;
}

TEST(Strangers, AForeignIdReturnedByCreateIsLeftAlone) {
  AccountWithForeignObjects account;
  const auto findings = account.Verify(Carelessness::kAnswersForeignId);
  EXPECT_EQ(account.Seen(), account.before);
  EXPECT_THAT(FindingOf(findings, "Create returns an id").why, HasSubstr("was there before"));
  EXPECT_THAT(Removal(findings).why, HasSubstr("left it alone"));
  EXPECT_EQ(account.Ours(), std::vector<std::string>()) << "what it did make is found by its identity";
}

TEST(Strangers, NothingIsCreatedWhereTheExistingObjectsAreUnknown) {
  AccountWithForeignObjects account;
  const auto findings = account.Verify(Carelessness::kFindFails);
  EXPECT_EQ(account.world.cloud.EverMade().size(), 3u);
  EXPECT_EQ(FindingOf(findings, "Create returns an id").verdict, Verdict::kLeftOut);
  EXPECT_EQ(Removal(findings).verdict, Verdict::kPassed) << Removal(findings).why;
}

TEST(Strangers, CreatedObjectsThatCannotBeFoundAgainAreNamed) {
  AccountWithForeignObjects account;
  const auto findings = account.Verify(Carelessness::kFindFailsLater);
  EXPECT_EQ(Removal(findings).verdict, Verdict::kFailed);
  EXPECT_THAT(Removal(findings).why, HasSubstr("conformance-lost-"));
  EXPECT_THAT(Removal(findings).why, HasSubstr("a name is not UTF-8"));
}

}  // namespace
}  // namespace capstan::abi
