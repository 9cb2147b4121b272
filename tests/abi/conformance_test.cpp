// The conformance suite over loaded plugins: good ones pass whole, bad ones fail the sentence they
// break.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include <capstan/core/base/text.hpp>
#include <capstan/sdk/conformance/conformance.hpp>
#include <capstan/tests/abi/careless_provider.hpp>
#include <capstan/tests/abi/plugin_world.hpp>

namespace capstan::abi {
namespace {

using conformance::Finding;
using conformance::Verdict;
namespace fs = std::filesystem;

conformance::Subject SubjectOf(PluginWorld& world, std::shared_ptr<const loader::Plugin> plugin,
                               std::string config) {
  const auto make = [&world, plugin = std::move(plugin), config = std::move(config)](
                        http::Transport& transport, Log& log) {
    return loader::MakeProvider(plugin, config, {world.scheduler, transport, *world.random, log});
  };
  conformance::Subject subject{world.scheduler, world.transport, make, "", {}, {}, nullptr, nullptr};
  subject.desired = [](const std::string& name) {
    return R"({"name":")" + name + R"(","namespace":"n","uid":"u","spec":{"size":2}})";
  };
  subject.changed = [](const std::string& name) {
    return R"({"name":")" + name + R"(","namespace":"n","uid":"u","spec":{"size":5}})";
  };
  return subject;
}

// What others see and do at the made-up cloud itself.
void LookAround(PluginWorld& world, conformance::Subject& subject) {
  subject.tags = [&world](const std::string& id) {
    for (const auto& cluster : world.cloud.Clusters()) {
      if (cluster.id == id) return cluster.tags;
    }
    return std::vector<std::string>();
  };
  subject.add_tag = [&world, tags = subject.tags](const std::string& id, const std::string& tag) {
    auto all = tags(id);
    all.push_back(tag);
    world.cloud.Tag(id, all);
  };
}

std::string FailuresOf(const std::vector<Finding>& findings) {
  std::string failures;
  for (const Finding& one : findings) {
    if (one.verdict == Verdict::kFailed) failures += one.check + ": " + one.why + "\n";
  }
  return failures;
}

conformance::Subject MadeUpSubject(PluginWorld& world, std::shared_ptr<const loader::Plugin> plugin) {
  conformance::Subject subject = SubjectOf(world, std::move(plugin), R"({"apiURL":"http://cloud.test"})");
  subject.kind = "MadeUpCluster";
  subject.credentials = {{{"token", Secret("token-a")}}};
  subject.refused_credentials = external::Credentials{{{"token", Secret("token-x")}}};
  LookAround(world, subject);
  return subject;
}

TEST(Conformance, TheMadeUpCloudInPlainCPassesWhole) {
  MadeUpCloudOptions options;
  options.list_lag = std::chrono::seconds(7);
  PluginWorld world(options);
  auto plugin = loader::LoadPlugin(*world.files, MadeUpPlugin(), world.seams());
  ASSERT_TRUE(plugin) << plugin.error();
  conformance::Subject subject = MadeUpSubject(world, *plugin);
  const auto findings = conformance::Verify(subject, Context{});
  EXPECT_TRUE(conformance::AllPassed(findings)) << conformance::Report(findings);
  EXPECT_EQ(findings.size(), 39u);
  for (const Finding& one : findings)
    EXPECT_EQ(one.verdict, Verdict::kPassed) << one.check << ": " << one.why;
  world.scheduler.RunFor(std::chrono::hours(1));
  EXPECT_TRUE(world.cloud.Clusters().empty()) << "the suite leaves nothing behind";
}

TEST(Conformance, DirectoriesOnDiskPassWithoutAnyHttp) {
  const fs::path root = fs::temp_directory_path() / ("capstan_conformance_" + MakeSystemRandom()->Suffix(12));
  PluginWorld world;
  auto plugin =
      loader::LoadPlugin(*world.files, CAPSTAN_EXAMPLE_PLUGINS "/libcapstan_directory.so", world.seams());
  ASSERT_TRUE(plugin) << plugin.error();
  conformance::Subject subject = SubjectOf(world, *plugin, R"({"root":")" + root.string() + "\"}");
  subject.kind = "DirectoryCluster";
  subject.uses_http = false;
  const auto findings = conformance::Verify(subject, Context{});
  EXPECT_TRUE(conformance::AllPassed(findings)) << conformance::Report(findings);
  EXPECT_TRUE(fs::is_empty(root)) << "the suite leaves nothing behind";
  fs::remove_all(root);
}

TEST(Conformance, ALiarFailsForWhatItLiesAbout) {
  PluginWorld world;
  auto plugin = loader::LoadPlugin(*world.files, BadPlugin("liar"), world.seams());
  ASSERT_TRUE(plugin) << plugin.error();
  conformance::Subject subject = SubjectOf(world, *plugin, "{}");
  subject.kind = "liar";
  const auto findings = conformance::Verify(subject, Context{});
  EXPECT_FALSE(conformance::AllPassed(findings));
  const std::string failures = FailuresOf(findings);
  EXPECT_THAT(failures,
              testing::HasSubstr("Get of an id under which nothing is says not found: Get shows something"));
  EXPECT_THAT(failures, testing::HasSubstr("Errors of Get and Find are never taken for absence"));
}

TEST(Conformance, AThrowerFailsAndTheSuiteGoesOn) {
  PluginWorld world;
  auto plugin = loader::LoadPlugin(*world.files, BadPlugin("thrower"), world.seams());
  ASSERT_TRUE(plugin) << plugin.error();
  conformance::Subject subject = SubjectOf(world, *plugin, "{}");
  subject.kind = "thrower";
  const auto findings = conformance::Verify(subject, Context{});
  EXPECT_FALSE(conformance::AllPassed(findings));
  EXPECT_THAT(FailuresOf(findings), testing::HasSubstr("let an exception out of get"));
  EXPECT_THAT(conformance::Report(findings),
              testing::HasSubstr("passed    No secret is in any error or log line"));
}

// Each carelessness breaks the one sentence that it is about, and no other.
TEST(Conformance, CarelessProvidersFailTheSentenceTheyBreak) {
  constexpr const char* kAdopt = "Adopt puts both tags on it in one request, and keeps its other tags: ";
  constexpr const char* kCreation = "The plan for what is not there is to create it, and asks nobody: ";
  constexpr const char* kNotices =
      "Notices stand in the order of their times, and a later question tells later ones only: ";
  constexpr const char* kAssociated = "What would stay behind is listed whole, or an error says why not: ";
  const std::pair<Carelessness, std::string> rows[] = {
      {Carelessness::kAdoptsNothing, StrCat(kAdopt, "Get shows the tags")},
      {Carelessness::kForgetsTheOwner, StrCat(kAdopt, "Get shows the tags")},
      {Carelessness::kAdoptsInTwoRequests, StrCat(kAdopt, "it sent 2 requests that change something")},
      {Carelessness::kFindsWhatIsAbsent, "Adopt of an id under which nothing is says not found: \"done\""},
      {Carelessness::kTakesRefusalForDone, "and one that gets a 5xx unknown: after 403: \"done\""},
      {Carelessness::kPlansToScaleNothing, StrCat(kCreation, "its first step is \"scale\"")},
      {Carelessness::kPlansNothingToMake, StrCat(kCreation, "it plans nothing")},
      {Carelessness::kNamesNoDifference, "A plan says field by field what differs: it names none"},
      {Carelessness::kAlwaysDiffers, "it says that this differs: spec.name"},
      {Carelessness::kNothingIsAssociated, StrCat(kAssociated, "it says there is nothing after 401")},
      {Carelessness::kAssociatedTwice, StrCat(kAssociated, "disks d1 stands there twice")},
      {Carelessness::kTellsEverythingAgain, StrCat(kNotices, "asked for what is after")},
      {Carelessness::kLosesNotices, StrCat(kNotices, "something later than")},
      {Carelessness::kNoNewsIsGoodNews, StrCat(kNotices, "it says there is nothing after 401")},
      {Carelessness::kExpiredConnection, "they have expired before they were handed out"},
  };
  for (const auto& [how, failure] : rows) {
    PluginWorld world;
    auto plugin = loader::LoadPlugin(*world.files, MadeUpPlugin(), world.seams());
    ASSERT_TRUE(plugin) << plugin.error();
    conformance::Subject subject = MadeUpSubject(world, *plugin);
    subject.make = [make = subject.make, how = how](http::Transport& transport,
                                                    Log& log) -> Result<std::unique_ptr<external::Provider>> {
      CAPSTAN_TRY(auto provider, make(transport, log));
      return MakeCareless(std::move(provider), how);
    };
    const auto findings = conformance::Verify(subject, Context{});
    const std::string failures = FailuresOf(findings);
    EXPECT_THAT(failures, testing::HasSubstr(failure));
    const auto expected = how == Carelessness::kAlwaysDiffers ? 2 : 1;
    EXPECT_EQ(std::count(failures.begin(), failures.end(), '\n'), expected) << failures;
  }
}

TEST(Conformance, LooksWithoutAskingTheCloudAnything) {
  PluginWorld world;
  auto plugin = loader::LoadPlugin(*world.files, MadeUpPlugin(), world.seams());
  ASSERT_TRUE(plugin) << plugin.error();
  conformance::Subject subject = MadeUpSubject(world, *plugin);
  subject.asks_the_cloud = false;
  std::vector<std::string> told;
  subject.told = [&](const Finding& finding) {
    told.push_back(conformance::ReportAsTap(finding, told.size() + 1));
  };
  const auto findings = conformance::Verify(subject, Context{});
  EXPECT_TRUE(conformance::AllPassed(findings)) << conformance::Report(findings);
  EXPECT_EQ(world.cloud.requests(), 0);
  ASSERT_EQ(told.size(), 4u);
  EXPECT_EQ(told[1], "ok 2 - A kind that it does not serve is refused\n");
}

TEST(Conformance, RemovesWhatItMadeWhenItIsStopped) {
  PluginWorld world;
  auto plugin = loader::LoadPlugin(*world.files, MadeUpPlugin(), world.seams());
  ASSERT_TRUE(plugin) << plugin.error();
  conformance::Subject subject = MadeUpSubject(world, *plugin);
  std::stop_source stop;
  subject.told = [&](const Finding& finding) {
    if (finding.check.starts_with("Find shows it by its identity")) stop.request_stop();
  };
  const auto findings = conformance::Verify(subject, Context{stop.get_token(), kForever});
  EXPECT_FALSE(conformance::AllPassed(findings));
  EXPECT_EQ(findings[findings.size() - 2].check, "What it made is removed again");
  EXPECT_EQ(findings[findings.size() - 2].verdict, Verdict::kPassed) << findings[findings.size() - 2].why;
  world.scheduler.RunFor(std::chrono::hours(1));
  EXPECT_TRUE(world.cloud.Clusters().empty());
}

TEST(Conformance, SpeaksTheTestAnythingProtocol) {
  EXPECT_EQ(conformance::ReportAsTap({"It holds", Verdict::kPassed, ""}, 1), "ok 1 - It holds\n");
  EXPECT_EQ(conformance::ReportAsTap({"It holds", Verdict::kFailed, "it did\nnot #1"}, 2),
            "not ok 2 - It holds\n# it did not *1\n");
  EXPECT_EQ(conformance::ReportAsTap({"It # holds", Verdict::kLeftOut, "no way"}, 3),
            "ok 3 - It * holds # SKIP no way\n");
}

TEST(Conformance, WithoutAProviderThereIsOneFindingThatSaysWhy) {
  PluginWorld world;
  conformance::Subject subject{world.scheduler, world.transport, nullptr, "K", {}, {}, nullptr, nullptr};
  subject.make = [](http::Transport&, Log&) -> Result<std::unique_ptr<external::Provider>> {
    return Fail(Code::kInvalidArgument, "no region is configured");
  };
  const auto findings = conformance::Verify(subject, Context{});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_FALSE(conformance::AllPassed(findings));
  EXPECT_THAT(findings[0].why, testing::HasSubstr("no region is configured"));
}

}  // namespace
}  // namespace capstan::abi
