// A plugin that was built on the day that ABI 1.0 was frozen, as it was built: it loads, and every
// operation of it works, in this and every later version. When this test fails, it is the host that
// must change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/tests/abi/plugin_fixture.hpp>

#if defined(__x86_64__)  // what the file was built for
namespace capstan::abi {
namespace {

using external::Verdict;
using testing::HasSubstr;

class FrozenCloud final : public http::Handler {
 public:
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context&) override {
    last = request;
    (void)writer.Respond({201, {{"Content-Type", "text/plain"}}, "frozen-1"});
  }
  http::Request last;
};

class FrozenPluginTest : public PluginFixture {
 protected:
  void SetUp() override {
    world_.transport.Route("api.frozen.example", &cloud_);
    Load(CAPSTAN_FROZEN_PLUGINS "/libcapstan_frozen_1_0.so", R"({"name":"n"})", "Frozen",
         {{{"token", Secret("t0ken")}}});
  }
  void CreateIt() {
    const auto made = external_->Create({"capstan:u", "capstan-owner:o", "", ""}, kDesired, Context{});
    ASSERT_EQ(made.verdict, Verdict::kDone) << *made.error;
    ASSERT_EQ(made.id, "frozen-1");
  }

  static constexpr char kDesired[] = R"({"name":"ice","spec":{"size":3}})";
  FrozenCloud cloud_;
};

TEST_F(FrozenPluginTest, ItsNoteAndManifestAreRead) {
  EXPECT_EQ(plugin_->inspection().name, "frozen");
  EXPECT_EQ(plugin_->inspection().abi_major, 1u);
  EXPECT_EQ(plugin_->inspection().abi_minor, 0u);
  const auto& manifest = plugin_->manifest();
  EXPECT_EQ(manifest.version, "1.0.0");
  ASSERT_EQ(manifest.kinds.size(), 1u);
  EXPECT_EQ(manifest.kinds[0].identity, external::IdentityKept::kTag);
  EXPECT_EQ(manifest.kinds[0].credentials_field, "spec.tokenSecret");
  EXPECT_EQ(manifest.kinds[0].credential_environment.at("token"), "FROZEN_TOKEN");
  EXPECT_EQ(manifest.kinds[0].connection_suffix, "-access");
  EXPECT_EQ(manifest.kinds[0].connection_status_field, "accessSecret");
  EXPECT_EQ(manifest.kinds[0].id_status_field, "id");
  EXPECT_EQ(manifest.kinds[0].phase_status_field, "progress");
  EXPECT_EQ(manifest.kinds[0].plan_status_field, "plan");
  EXPECT_EQ(manifest.kinds[0].associated_status_field, "associatedResources");
  ASSERT_EQ(manifest.quotas.size(), 1u);
  EXPECT_EQ(manifest.quotas[0].per_minute, 60);
  EXPECT_EQ(manifest.quotas[0].reset_header, "x-reset");
  EXPECT_EQ(manifest.config_environment.at("name"), "FROZEN_NAME");
  EXPECT_EQ(manifest.max_concurrency, 1);
  EXPECT_TRUE(world_.log.Contains("configured")) << "it may log";
}

TEST_F(FrozenPluginTest, ItMakesFindsAdoptsAndRemoves) {
  EXPECT_FALSE(external_->Get("frozen-1", Context{})->has_value());
  CreateIt();
  EXPECT_EQ(cloud_.last.method, "POST");
  EXPECT_EQ(cloud_.last.headers.Get("X-Frozen"), "1.0");
  EXPECT_EQ(cloud_.last.body, kDesired);
  const auto found = external_->Find({"capstan:u", "", "", ""}, kDesired, Context{});
  ASSERT_TRUE(found && found->size() == 1) << found.error();
  EXPECT_EQ((*found)[0].id, "frozen-1");
  EXPECT_EQ(external_->Adopt("frozen-1", {"capstan:v", "capstan-owner:p", "", ""}, Context{}).verdict,
            Verdict::kDone);
  EXPECT_EQ(external_->Adopt("other", {}, Context{}).verdict, Verdict::kNotFound);
  const auto seen = external_->Get("frozen-1", Context{});
  ASSERT_TRUE(seen && seen->has_value()) << seen.error();
  EXPECT_EQ((*seen)->identity, "capstan:v");
  EXPECT_EQ((*seen)->owner, "capstan-owner:p");
  EXPECT_EQ((*seen)->name, "ice");
  EXPECT_EQ((*seen)->phase, external::Phase::kReady);
  EXPECT_TRUE((*seen)->connectable);
  EXPECT_EQ((*seen)->message, "as it was");
  EXPECT_EQ((*seen)->created_at, "2026-11-22T12:00:00Z");
  EXPECT_EQ((*seen)->status, R"({"progress":"frozen"})");
  const auto associated = external_->ListAssociated("frozen-1", Context{});
  ASSERT_TRUE(associated && associated->size() == 1) << associated.error();
  EXPECT_EQ((*associated)[0].kind, "puddles");
  EXPECT_EQ((*associated)[0].monthly_cost, 0) << "1.0 has no such field";
  EXPECT_EQ(external_->Delete("frozen-1", {*associated}, Context{}).verdict, Verdict::kDone);
  EXPECT_EQ(external_->Delete("frozen-1", {}, Context{}).verdict, Verdict::kNotFound);
}

// That of 1.1: what it appended comes through.
class FrozenSince11 : public PluginFixture {};

TEST_F(FrozenSince11, WhatStaysBehindHasItsCost) {
  FrozenCloud cloud;
  world_.transport.Route("api.frozen.example", &cloud);
  Load(CAPSTAN_FROZEN_PLUGINS "/libcapstan_frozen_1_1.so", R"({"name":"n"})", "Frozen",
       {{{"token", Secret("t0ken")}}});
  EXPECT_EQ(plugin_->inspection().abi_minor, 1u);
  const auto associated = external_->ListAssociated("frozen-1", Context{});
  ASSERT_TRUE(associated && associated->size() == 1) << associated.error();
  EXPECT_EQ((*associated)[0].name, "water");
  EXPECT_EQ((*associated)[0].monthly_cost, 4.5);
}

// That of 1.2.
class FrozenSince12 : public PluginFixture {};

TEST_F(FrozenSince12, WhatItOffersAndWhatPlansUseUpComesThrough) {
  FrozenCloud cloud;
  world_.transport.Route("api.frozen.example", &cloud);
  Load(CAPSTAN_FROZEN_PLUGINS "/libcapstan_frozen_1_2.so", R"({"name":"n"})", "Frozen",
       {{{"token", Secret("t0ken")}}});
  EXPECT_EQ(plugin_->inspection().abi_minor, 2u);
  EXPECT_EQ(plugin_->inspection().catalogs, std::vector<std::string>{"sizes"});
  EXPECT_EQ(plugin_->manifest().kinds.at(0).catalogs, std::vector<std::string>{"sizes"});
  const auto offers = external_->Offers("sizes", Context{});
  ASSERT_TRUE(offers && offers->size() == 1) << offers.error();
  EXPECT_EQ((*offers)[0].value, "cube");
  EXPECT_EQ((*offers)[0].name, "A cube of ice");
  EXPECT_EQ((*offers)[0].details, R"({"litres":1})");
  EXPECT_FALSE((*offers)[0].available);
  EXPECT_EQ(external_->Offers("versions", Context{}).error().code, Code::kUnimplemented);
  const auto plan = external_->MakePlan("{}", {});
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_EQ(plan->steps.at(0).consumes, "capstan.dev/reset-count=a");
  EXPECT_EQ(plan->spent, std::vector<std::string>{"capstan.dev/reset-count=b"});
}

TEST_F(FrozenPluginTest, OffersNothingAndUsesUpNothing) {
  EXPECT_TRUE(plugin_->inspection().catalogs.empty());
  const auto offers = external_->Offers("sizes", Context{});
  ASSERT_FALSE(offers);
  EXPECT_EQ(offers.error().code, Code::kUnimplemented);
  EXPECT_THAT(offers.error().message, HasSubstr("the plugin frozen does not offer lists"));
  const auto plan = external_->MakePlan(kDesired, {});
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_EQ(plan->steps.at(0).consumes, "");
  EXPECT_TRUE(plan->spent.empty());
}

TEST_F(FrozenPluginTest, ItListsPlansChangesConnectsAndTells) {
  CreateIt();
  const auto account = external_->WhoAmI(Context{});
  ASSERT_TRUE(account) << account.error();
  EXPECT_EQ(account->id, "glacier");
  EXPECT_EQ(account->description, "all the ice");
  const auto page = external_->List("", Context{});
  ASSERT_TRUE(page) << page.error();
  EXPECT_EQ(page->total, 1);
  const auto plan = external_->MakePlan(kDesired, page->items.at(0));
  ASSERT_TRUE(plan) << plan.error();
  ASSERT_TRUE(plan->steps.size() == 1 && plan->unsupported.size() == 1 && plan->differences.size() == 1);
  EXPECT_EQ(plan->unsupported[0].field, "spec.temperature");
  EXPECT_EQ(plan->differences[0].wanted, "3");
  EXPECT_EQ(plan->differences[0].seen, "2");
  EXPECT_EQ(plan->waiting, "the thaw");
  EXPECT_EQ(external_->MakePlan(kDesired, {})->steps.at(0).verb, "create");
  const auto applied =
      external_->Apply("frozen-1", plan->steps[0], {"capstan:u", "o", "frozen-1", "cubes/a"}, Context{});
  EXPECT_EQ(applied.verdict, Verdict::kDone);
  EXPECT_EQ(applied.id, "cubes/a");
  const auto connection = external_->ReadConnection("frozen-1", kDesired, Context{});
  ASSERT_TRUE(connection) << connection.error();
  EXPECT_EQ(connection->data.at("key").Reveal(), kDesired);
  EXPECT_EQ(connection->expires, world_.scheduler.WallNow() + std::chrono::minutes(1));
  const auto notices = external_->Notices("frozen-1", "", Context{});
  ASSERT_TRUE(notices && notices->size() == 1) << notices.error();
  EXPECT_THAT((*notices)[0].text, HasSubstr("it froze"));
  EXPECT_TRUE(external_->Notices("frozen-1", "2026-11-22T12:00:01Z", Context{})->empty());
}

TEST_F(FrozenPluginTest, ItsErrorsAreUnderstood) {
  const auto broken = external_->Get("broken", Context{});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, Code::kResourceExhausted);
  EXPECT_EQ(broken.error().message, "it is frozen");
  EXPECT_EQ(broken.error().reason, "frozen");
  EXPECT_EQ(broken.error().request_id, "request-1");
  EXPECT_EQ(broken.error().http_status, 429);
  EXPECT_EQ(broken.error().retry_after, std::chrono::seconds(3));
  const auto kind = provider_->Connect("Frozen", {}, Context{});
  ASSERT_FALSE(kind);
  EXPECT_EQ(kind.error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace capstan::abi
#endif
