#include <capstan/local/digitalocean/switches.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>

namespace capstan::simulated_digitalocean {
namespace {

TEST(Switches, SetWhatTheyName) {
  CloudOptions options;
  options.accounts.emplace_back();
  Duration latency = Duration::zero();
  const Status set = ApplySwitches(
      "latency=250ms, "
      "list_lag=30s,list_order=shuffled,per_minute=60,per_hour=0,fail_before=0.25,fail_after=0.5,"
      "cut_after=0.125,show_deleting=false,foreign_vpc=refused,status_while_busy=409,provisioning=5m,droplet_"
      "limit=3",
      options, latency);
  ASSERT_TRUE(set) << set.error();
  EXPECT_EQ(latency, std::chrono::milliseconds(250));
  EXPECT_EQ(options.behaviour.list_lag, std::chrono::seconds(30));
  EXPECT_EQ(options.behaviour.list_order, ListOrder::kShuffled);
  EXPECT_EQ(options.rate_limit.per_minute, 60);
  EXPECT_EQ(options.rate_limit.per_hour, 0);
  EXPECT_EQ(options.chances.fail_before, 0.25);
  EXPECT_EQ(options.chances.fail_after, 0.5);
  EXPECT_EQ(options.chances.cut_after, 0.125);
  EXPECT_FALSE(options.behaviour.show_deleting);
  EXPECT_EQ(options.behaviour.foreign_vpc, ForeignVpc::kRefused);
  EXPECT_EQ(options.behaviour.status_while_busy, 409);
  EXPECT_EQ(options.durations.provisioning, std::chrono::minutes(5));
  EXPECT_EQ(options.accounts[0].droplet_limit, 3);
}

TEST(Switches, NameInvalidValues) {
  const std::pair<const char*, const char*> cases[] = {
      {"lag=3s", "no switch 'lag'; it has latency, "},
      {"list_lag", "'' is not a value of the switch list_lag, which takes a time such as"},
      {"list_lag=3", "which takes a time"},
      {"list_lag=-3s", "which takes a time"},
      {"list_lag=2000h", "which takes a time"},
      {"list_order=backwards", "which takes oldest_first, newest_first, shuffled"},
      {"fail_before=2", "which takes a share from 0 to 1"},
      {"fail_before=nan", "which takes a share from 0 to 1"},
      {"fail_before=0.6,fail_after=0.6", "together are more than 1"},
      {"per_minute=many", "which takes a number; 0: no limit"},
      {"show_deleting=yes", "which takes true or false"},
  };
  for (const auto& [text, said] : cases) {
    CloudOptions options;
    Duration latency = Duration::zero();
    const Status set = ApplySwitches(text, options, latency);
    ASSERT_FALSE(set) << text;
    EXPECT_EQ(set.error().code, Code::kInvalidArgument) << text;
    EXPECT_NE(set.error().message.find(said), std::string::npos) << set.error();
  }
}

TEST(Switches, AreAllInTheHelp) {
  const std::string help = SwitchesHelp();
  for (const char* name :
       {"latency=", "per_minute=", "fail_after=", "list_lag=", "list_order=", "foreign_vpc="})
    EXPECT_NE(help.find(name), std::string::npos) << name;
}

}  // namespace
}  // namespace capstan::simulated_digitalocean
