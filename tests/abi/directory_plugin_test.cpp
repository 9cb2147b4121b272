// The loader with a plugin in C++: the example whose clusters are directories. It uses neither
// DigitalOcean nor HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <capstan/tests/abi/plugin_fixture.hpp>

namespace capstan::abi {
namespace {

using external::Verdict;
namespace fs = std::filesystem;

class DirectoryPluginTest : public PluginFixture {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("capstan_directory_plugin_" + MakeSystemRandom()->Suffix(12));
    Load(CAPSTAN_EXAMPLE_PLUGINS "/libcapstan_directory.so", R"({"root":")" + root_.string() + "\"}",
         "DirectoryCluster");
  }
  void TearDown() override {
    PluginFixture::TearDown();
    fs::remove_all(root_);
  }

  fs::path root_;
};

constexpr char kDesired[] = R"({"name":"h\u00fctte","namespace":"n","uid":"u","spec":{"size":2}})";
const external::Identity kOurs{"capstan:u", "capstan-owner:o", "", ""};

TEST_F(DirectoryPluginTest, LivesAWholeLife) {
  const external::Outcome made = external_->Create(kOurs, kDesired, Context{});
  ASSERT_EQ(made.verdict, Verdict::kDone) << *made.error;
  EXPECT_TRUE(fs::exists(root_ / made.id / "cluster.json"));
  EXPECT_TRUE(world_.log.Contains("made a directory plugin=directory effect=create id=" + made.id));

  const auto found = external_->Find(kOurs, kDesired, Context{});
  ASSERT_TRUE(found) << found.error();
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ((*found)[0].id, made.id);
  EXPECT_EQ((*found)[0].name, "h\u00fctte");
  EXPECT_EQ((*found)[0].identity, "capstan:u");
  EXPECT_EQ((*found)[0].phase, external::Phase::kReady);
  EXPECT_EQ((*found)[0].created_at, "2026-01-01T00:00:00Z");

  const auto plan = external_->MakePlan(R"({"name":"h","spec":{"size":5}})", (*found)[0]);
  ASSERT_TRUE(plan && plan->steps.size() == 1);
  EXPECT_EQ(external_->Apply(made.id, plan->steps[0], {}, Context{}).verdict, Verdict::kDone);
  const auto seen = external_->Get(made.id, Context{});
  ASSERT_TRUE(seen && seen->has_value());
  EXPECT_EQ((*seen)->status, R"({"size":5,"progress":"ready"})");

  EXPECT_EQ(external_->Delete(made.id, {}, Context{}).verdict, Verdict::kDone);
  EXPECT_EQ(external_->Delete(made.id, {}, Context{}).verdict, Verdict::kNotFound);
  const auto gone = external_->Get(made.id, Context{});
  ASSERT_TRUE(gone) << gone.error();
  EXPECT_FALSE(gone->has_value());
}

TEST_F(DirectoryPluginTest, DoesNotOfferWhatItsClassDoesNotOverride) {
  const auto page = external_->List("", Context{});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, Code::kUnimplemented);
  const auto connection = external_->ReadConnection("x", "{}", Context{});
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, Code::kUnimplemented);
}

TEST_F(DirectoryPluginTest, AnExceptionOfItsLibraryBecomesAnErrorWithItsMessage) {
  std::ofstream(root_) << "a file where the folder should be";
  const external::Outcome outcome = external_->Create(kOurs, kDesired, Context{});
  EXPECT_EQ(outcome.verdict, Verdict::kUnknown);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code, Code::kInternal);
  EXPECT_THAT(outcome.error->message, testing::HasSubstr("the plugin failed: filesystem error"));
}

TEST_F(DirectoryPluginTest, RefusesAConnectionWithoutAConfiguredFolder) {
  auto provider = loader::MakeProvider(plugin_, "{}", world_.seams());
  ASSERT_TRUE(provider) << provider.error();
  const auto external = (*provider)->Connect("DirectoryCluster", {}, Context{});
  ASSERT_FALSE(external);
  EXPECT_EQ(external.error().code, Code::kInvalidArgument);
  EXPECT_THAT(external.error().message, testing::HasSubstr("DIRECTORY_ROOT"));
}

}  // namespace
}  // namespace capstan::abi
