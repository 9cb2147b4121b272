// The conformance suite over loaded plugins: good ones pass whole, bad ones fail the sentence they break.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include <capstan/sdk/conformance/conformance.hpp>
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

std::string FailuresOf(const std::vector<Finding>& findings) {
  std::string failures;
  for (const Finding& one : findings) {
    if (one.verdict == Verdict::kFailed) failures += one.check + ": " + one.why + "\n";
  }
  return failures;
}

TEST(Conformance, TheMadeUpCloudInPlainCPassesWhole) {
  MadeUpCloudOptions options;
  options.list_lag = std::chrono::seconds(7);
  PluginWorld world(options);
  auto plugin = loader::LoadPlugin(*world.files, MadeUpPlugin(), world.seams());
  ASSERT_TRUE(plugin) << plugin.error();
  conformance::Subject subject = SubjectOf(world, *plugin, R"({"apiURL":"http://cloud.test"})");
  subject.kind = "MadeUpCluster";
  subject.credentials = {{{"token", Secret("token-a")}}};
  subject.refused_credentials = external::Credentials{{{"token", Secret("token-x")}}};
  const auto findings = conformance::Verify(subject, Context{});
  EXPECT_TRUE(conformance::AllPassed(findings)) << conformance::Report(findings);
  EXPECT_EQ(findings.size(), 31u);
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
