// The conformance suite with loaded plugins: good ones pass every check, bad ones fail the sentence
// they violate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include <capstan/core/base/text.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/sdk/conformance/conformance.hpp>
#include <capstan/tests/abi/careless_provider.hpp>
#include <capstan/tests/abi/conformance_subject.hpp>
#include <capstan/tests/abi/plugin_fixture.hpp>
#include <capstan/tests/abi/simulated_servers.hpp>

namespace capstan::abi {
namespace {

using conformance::Finding;
using conformance::Verdict;
namespace fs = std::filesystem;

TEST(Conformance, TheMadeUpCloudInPlainCPassesWhole) {
  MadeUpCloudOptions options;
  options.list_lag = std::chrono::seconds(7);
  PluginWorld world(options);
  auto plugin = loader::LoadPlugin(*world.files, MadeUpPlugin(), world.seams());
  ASSERT_TRUE(plugin) << plugin.error();
  conformance::Subject subject = MadeUpSubject(world, *plugin);
  subject.fill = 5;
  const auto findings = conformance::Verify(subject, Context{});
  EXPECT_TRUE(conformance::AllPassed(findings)) << conformance::Report(findings);
  EXPECT_EQ(findings.size(), 44u);
  for (const Finding& one : findings) {
    EXPECT_EQ(one.verdict, Verdict::kPassed) << one.check << ": " << one.why;
    EXPECT_EQ(one.notes, std::vector<std::string>()) << one.check;
  }
  world.scheduler.RunFor(std::chrono::hours(1));
  EXPECT_TRUE(world.cloud.Clusters().empty()) << "the suite leaves nothing behind";
}

TEST(Conformance, PluginsOfALaterMinorVersionWithLongerStructsPassWhole) {
  for (const auto& [file, kind] :
       {std::pair{"next_madeup", "MadeUpCluster"}, {"next_template", "MyCloudCluster"}}) {
    PluginWorld world;
    auto plugin =
        loader::LoadPlugin(*world.files, StrCat(CAPSTAN_TEST_PLUGINS "/", file, ".so"), world.seams());
    ASSERT_TRUE(plugin) << plugin.error();
    EXPECT_EQ((*plugin)->inspection().abi_minor, CAPSTAN_ABI_MINOR + 1);
    conformance::Subject subject = MadeUpSubject(world, *plugin);
    subject.kind = kind;
    const auto findings = conformance::Verify(subject, Context{});
    EXPECT_TRUE(conformance::AllPassed(findings)) << conformance::Report(findings);
  }
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
              testing::HasSubstr("Get of an id that no object has says not found: Get shows something"));
  EXPECT_THAT(failures, testing::HasSubstr("Errors of Get and Find never count as absence"));
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

// Each violation fails exactly the sentence that forbids it.
TEST(Conformance, CarelessProvidersFailTheSentenceTheyBreak) {
  constexpr const char* kAdopt = "Adopt puts both tags on it in one request: ";
  constexpr const char* kCreation = "The plan for a missing object is to create it, and sends no request: ";
  constexpr const char* kNotices =
      "Notices come in the order of their times, and a later question returns later ones only: ";
  constexpr const char* kOffers = "Each catalog lists what the cloud offers, and no other catalog exists: ";
  constexpr const char* kAssociated = "The list of what would stay behind is complete, or an error: ";
  const std::pair<Carelessness, std::string> rows[] = {
      {Carelessness::kAdoptsNothing, StrCat(kAdopt, "Get shows the tags")},
      {Carelessness::kForgetsTheOwner, StrCat(kAdopt, "Get shows the tags")},
      {Carelessness::kAdoptsInTwoRequests, StrCat(kAdopt, "it sent 2 requests that change something")},
      {Carelessness::kFindsWhatIsAbsent, "Adopt of an id that no object has says not found: \"done\""},
      {Carelessness::kTakesRefusalForDone, "and one that gets a 5xx unknown: after 403: \"done\""},
      {Carelessness::kPlansToScaleNothing, StrCat(kCreation, "its first step is \"scale\"")},
      {Carelessness::kPlansNothingToMake, StrCat(kCreation, "it plans nothing")},
      {Carelessness::kNamesNoDifference, "A plan says field by field what differs: it names none"},
      {Carelessness::kAlwaysDiffers, "it says that this differs: spec.name"},
      {Carelessness::kNothingIsAssociated, StrCat(kAssociated, "it says there is nothing after 401")},
      {Carelessness::kAssociatedTwice, StrCat(kAssociated, "disks d1 stands there twice")},
      {Carelessness::kTellsEverythingAgain, StrCat(kNotices, "asked for what is after")},
      {Carelessness::kLosesNotices, StrCat(kNotices, "something later than")},
      {Carelessness::kHidesNoticeErrors, StrCat(kNotices, "it says there is nothing after 401")},
      {Carelessness::kExpiredConnection, "they have expired before they were handed out"},
      {Carelessness::kOffersTwice, StrCat(kOffers, "m1 stands twice among sizes")},
      {Carelessness::kOffersNothing, StrCat(kOffers, "it says there is nothing after 401")},
      {Carelessness::kOffersEveryCatalog, StrCat(kOffers, "a catalog that does not exist is empty")},
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
  subject.on_finding = [&](const Finding& finding) {
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
  subject.on_finding = [&](const Finding& finding) {
    if (finding.check.starts_with("Find shows it by its identity")) stop.request_stop();
  };
  const auto findings = conformance::Verify(subject, Context{stop.get_token(), kForever});
  EXPECT_FALSE(conformance::AllPassed(findings));
  EXPECT_EQ(findings[findings.size() - 2].check, "What the run created is deleted again");
  EXPECT_EQ(findings[findings.size() - 2].verdict, Verdict::kPassed) << findings[findings.size() - 2].why;
  world.scheduler.RunFor(std::chrono::hours(1));
  EXPECT_TRUE(world.cloud.Clusters().empty());
}

// Labels instead of tags, whole numbers as ids, no account information: a correct plugin passes.
TEST(Conformance, ACloudWithLabelsAndNumbersPassesWhole) {
  PluginWorld world;
  SimulatedServers cloud(world.scheduler, "token-a");
  world.transport.Route("servers.test", &cloud);
  const std::int64_t foreign = cloud.MakeForeign("production-db");
  auto plugin =
      loader::LoadPlugin(*world.files, CAPSTAN_EXAMPLE_PLUGINS "/libcapstan_servers.so", world.seams());
  ASSERT_TRUE(plugin) << plugin.error();
  conformance::Subject subject = SubjectOf(world, *plugin, R"({"apiURL":"http://servers.test/v1"})");
  subject.kind = "Server";
  subject.credentials = {{{"token", Secret("token-a")}}};
  subject.refused_credentials = external::Credentials{{{"token", Secret("token-x")}}};
  subject.absent_id = "999999";
  subject.fill = 5;
  const auto spec = [](const std::string& name, const std::string& type) {
    return R"({"name":")" + name + R"(","namespace":"n","uid":"u","spec":{"serverType":")" + type + "\"}}";
  };
  subject.desired = [&](const std::string& name) { return spec(name, "small"); };
  subject.changed = [&](const std::string& name) { return spec(name, "medium"); };
  const auto findings = conformance::Verify(subject, Context{});
  EXPECT_TRUE(conformance::AllPassed(findings)) << conformance::Report(findings);
  world.scheduler.RunFor(std::chrono::hours(1));
  ASSERT_EQ(cloud.Servers().size(), 1u) << "the suite leaves nothing behind";
  EXPECT_EQ(cloud.Servers()[0].id, foreign);

  // If the id is invalid in that cloud, the report advises to set another one.
  subject.absent_id = "00000000-0000-4000-8000-000000000000";
  EXPECT_THAT(FailuresOf(conformance::Verify(subject, Context{})), testing::HasSubstr("--absent-id"));
}

TEST(Conformance, AProviderThatTellsNoAccountsPasses) {
  PluginWorld world;
  auto plugin = loader::LoadPlugin(*world.files, MadeUpPlugin(), world.seams());
  ASSERT_TRUE(plugin) << plugin.error();
  conformance::Subject subject = MadeUpSubject(world, *plugin);
  subject.make = [make = subject.make](http::Transport& transport,
                                       Log& log) -> Result<std::unique_ptr<external::Provider>> {
    CAPSTAN_TRY(auto provider, make(transport, log));
    return MakeCareless(std::move(provider), Carelessness::kTellsNoAccounts);
  };
  const auto findings = conformance::Verify(subject, Context{});
  EXPECT_TRUE(conformance::AllPassed(findings)) << conformance::Report(findings);
}

TEST(Conformance, APageThatIsForgottenIsNoticedWhereThereAreMoreThanOne) {
  PluginWorld world;
  auto plugin = loader::LoadPlugin(*world.files, MadeUpPlugin(), world.seams());
  ASSERT_TRUE(plugin) << plugin.error();
  conformance::Subject subject = MadeUpSubject(world, *plugin);
  subject.fill = 10;
  subject.make = [make = subject.make](http::Transport& transport,
                                       Log& log) -> Result<std::unique_ptr<external::Provider>> {
    CAPSTAN_TRY(auto provider, make(transport, log));
    return MakeCareless(std::move(provider), Carelessness::kReadsOnePage);
  };
  const auto findings = conformance::Verify(subject, Context{});
  EXPECT_THAT(FailuresOf(findings), testing::HasSubstr("does it read all pages?"));
}

TEST(Conformance, ACloudThatCannotBeReachedIsOneLine) {
  PluginWorld world;
  world.transport.Route("cloud.test", nullptr);
  auto plugin = loader::LoadPlugin(*world.files, MadeUpPlugin(), world.seams());
  ASSERT_TRUE(plugin) << plugin.error();
  const auto findings = conformance::Verify(MadeUpSubject(world, *plugin), Context{});
  ASSERT_EQ(findings.size(), 5u);
  EXPECT_TRUE(findings.back().bails_out);
  EXPECT_THAT(conformance::ReportAsTap(findings.back(), 5),
              testing::StartsWith("Bail out! cannot reach http://cloud.test: "));
}

TEST(Conformance, CorrectionsByTheHostAreNoted) {
  PluginWorld world;
  ScriptedCloud cloud;
  world.transport.Route("api.bad.example", &cloud);
  auto plugin = loader::LoadPlugin(*world.files, BadPlugin("liar"), world.seams());
  ASSERT_TRUE(plugin) << plugin.error();
  conformance::Subject subject = SubjectOf(world, *plugin, "{}");
  subject.kind = "liar";
  const auto findings = conformance::Verify(subject, Context{});
  const auto broken = std::find_if(findings.begin(), findings.end(), [](const Finding& one) {
    return one.check == "A create that gets a 5xx is unknown";
  });
  ASSERT_NE(broken, findings.end());
  EXPECT_EQ(broken->verdict, Verdict::kPassed) << "the host saw to it: " << broken->why;
  ASSERT_FALSE(broken->notes.empty());
  EXPECT_THAT(broken->notes[0],
              testing::AllOf(testing::HasSubstr("overruled"), testing::HasSubstr("rejected")));
}

// Real threads and real time: the plugin really blocks.
TEST(Conformance, StopsAfterACallThatDoesNotReturn) {
  ThreadScheduler scheduler;
  http::LoopbackTransport transport(scheduler);
  const auto random = MakeSeededRandom(1);
  const auto files = MakeSystemFiles();
  RecordingLog log;
  auto plugin = loader::LoadPlugin(*files, BadPlugin("liar"), {scheduler, transport, *random, log});
  ASSERT_TRUE(plugin) << plugin.error();
  const auto make = [&](http::Transport& way, Log& to) {
    loader::AdaptOptions options;
    options.call_timeout = std::chrono::milliseconds(100);
    options.grace = std::chrono::milliseconds(10);
    options.remedy = "fix the plugin";
    return loader::MakeProvider(*plugin, "{}", {scheduler, way, *random, to}, options);
  };
  conformance::Subject subject{scheduler, transport, make, "liar", {}, {}, nullptr, nullptr};
  subject.desired = [](const std::string&) { return std::string("{}"); };
  subject.absent_id = "for-ever";
  const auto findings = conformance::Verify(subject, Context{});
  EXPECT_EQ(findings.back().check, "Get of an id that no object has says not found");
  EXPECT_EQ(findings.back().verdict, Verdict::kFailed);
  EXPECT_THAT(findings.back().notes.back(), testing::HasSubstr("are left out"));
}

TEST(Conformance, SpeaksTheTestAnythingProtocol) {
  EXPECT_EQ(conformance::ReportAsTap({"It holds", Verdict::kPassed, ""}, 1), "ok 1 - It holds\n");
  EXPECT_EQ(conformance::ReportAsTap({"It holds", Verdict::kFailed, "it did\nnot #1"}, 2),
            "not ok 2 - It holds\n# it did not *1\n");
  EXPECT_EQ(conformance::ReportAsTap({"It # holds", Verdict::kLeftOut, "no way"}, 3),
            "ok 3 - It * holds # SKIP no way\n");
  EXPECT_EQ(conformance::ReportAsTap({"It holds", Verdict::kPassed, "", {"the host mended it"}}, 4),
            "ok 4 - It holds\n# note: the host mended it\n");
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
