#include <gtest/gtest.h>

#include <capstan/providers/digitalocean/detail/versions.hpp>

namespace capstan::digitalocean {
namespace {

const std::vector<std::string> kOffered{"1.35.1-do.0", "1.34.10-do.1", "1.34.9-do.3", "1.33.4-do.0"};

TEST(Versions, ReadsWholeSlugsOnly) {
  EXPECT_EQ(ParseSlug("1.34.10-do.2").value(), (VersionNumbers{1, 34, 10, 2}));
  for (const char* text : {"", "1.34", "1.34.1", "1.34.1-do", "1.34.1-do.", "1.34.x-do.0", "v1.34.1-do.0",
                           "1.34.1-do.0-rc", "1..1-do.0"})
    EXPECT_FALSE(ParseSlug(text)) << text;
}

TEST(Versions, ChoosesTheNewestThatFitsAtCreation) {
  EXPECT_EQ(ResolveForCreate("latest", kOffered), "1.35.1-do.0");
  EXPECT_EQ(ResolveForCreate("1.34", kOffered), "1.34.10-do.1");
  EXPECT_EQ(ResolveForCreate("1.33.4-do.0", kOffered), "1.33.4-do.0");
}

TEST(Versions, LeavesVersionsThatAreNotOfferedForTheApiToRefuse) {
  EXPECT_EQ(ResolveForCreate("1.99", kOffered), "1.99");
  EXPECT_EQ(ResolveForCreate("latest", {}), "latest");
  EXPECT_EQ(ResolveForCreate("1.3", kOffered), "1.3");
}

struct HopCase {
  const char* reason;
  const char* current;
  const char* wanted;
  std::vector<std::string> offered;
  const char* hop;  // empty: none
};
TEST(Versions, HopsOneMinorAtATimeAndNeverBack) {
  const HopCase cases[] = {
      {"newest patch of the next minor",
       "1.33.4-do.0",
       "1.34",
       {"1.34.9-do.3", "1.34.10-do.1"},
       "1.34.10-do.1"},
      {"several minors away: the next one",
       "1.33.4-do.0",
       "1.35",
       {"1.34.9-do.3", "1.35.1-do.0"},
       "1.34.9-do.3"},
      {"the newest patch of this minor first, where the next is not offered",
       "1.33.1-do.0",
       "1.34",
       {"1.33.4-do.0"},
       "1.33.4-do.0"},
      {"the newest patch of this minor first, though the next minor is offered too",
       "1.33.1-do.0",
       "1.34",
       {"1.34.10-do.1", "1.34.9-do.3", "1.33.4-do.0", "1.33.3-do.0"},
       "1.33.4-do.0"},
      {"likewise on the way to an exact target",
       "1.33.1-do.0",
       "1.34.9-do.3",
       {"1.34.10-do.1", "1.34.9-do.3", "1.33.4-do.0"},
       "1.33.4-do.0"},
      {"exact target in the next minor",
       "1.33.4-do.0",
       "1.34.9-do.3",
       {"1.34.10-do.1", "1.34.9-do.3"},
       "1.34.9-do.3"},
      {"exact patch of this minor",
       "1.34.9-do.3",
       "1.34.10-do.1",
       {"1.34.10-do.1", "1.35.1-do.0"},
       "1.34.10-do.1"},
      {"never beyond", "1.33.4-do.0", "1.34", {"1.35.1-do.0"}, ""},
      {"never back", "1.34.10-do.1", "1.34.9-do.3", {"1.34.9-do.3"}, ""},
      {"nothing offered", "1.33.4-do.0", "1.34", {}, ""},
      {"on the way to an exact target, the newest patch of this minor",
       "1.33.1-do.0",
       "1.34.9-do.3",
       {"1.33.4-do.0"},
       "1.33.4-do.0"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(NextHop(*ParseSlug(c.current), *ParseWanted(c.wanted), c.offered).value_or(""), c.hop)
        << c.reason;
}

TEST(Versions, KnowsWhatIsCertainlyNotOffered) {
  struct Case {
    const char* reason;
    const char* wanted;
    const char* current;  // empty: no cluster yet
    bool refused;
  };
  const Case cases[] = {
      {"a minor newer than all", "1.36", "1.34.9-do.3", true},
      {"a minor on offer", "1.35", "1.34.9-do.3", false},
      {"an older minor than any on offer: /upgrades may have it", "1.32", "1.31.1-do.0", false},
      {"a whole slug on offer", "1.35.1-do.0", "1.33.1-do.0", false},
      {"a newer patch than the newest of its minor", "1.34.11-do.0", "1.34.9-do.3", true},
      {"the same patch, a newer revision", "1.34.10-do.2", "1.34.9-do.3", true},
      {"an older patch of the next minor: /upgrades may have it", "1.34.8-do.0", "1.33.4-do.0", false},
      {"an older patch of a minor further away: hops would lead to nothing", "1.35.0-do.0", "1.33.4-do.0",
       true},
      {"latest is what is offered", "latest", "1.33.4-do.0", false},
      {"for a new cluster: newer than all", "1.36", "", true},
      {"for a new cluster: an older minor than any on offer", "1.20", "", true},
      {"for a new cluster: an older patch of a minor on offer", "1.34.8-do.0", "", true},
      {"for a new cluster: a minor on offer", "1.34", "", false},
      {"for a new cluster: a whole slug on offer", "1.35.1-do.0", "", false},
      {"another major", "2.0", "1.34.9-do.3", true},
  };
  for (const auto& c : cases) {
    const auto current = ParseSlug(c.current);
    const auto why = WhyNotOffered(*ParseWanted(c.wanted), kOffered, current);
    EXPECT_EQ(why.has_value(), c.refused) << c.reason;
    EXPECT_FALSE(WhyNotOffered(*ParseWanted(c.wanted), {}, current)) << "nothing is known: " << c.reason;
  }
  EXPECT_EQ(*WhyNotOffered(*ParseWanted("1.99"), {"1.35.1-do.0", "1.34.10-do.1"}),
            "DigitalOcean does not offer 1.99; it offers 1.35.1-do.0, 1.34.10-do.1");
}

}  // namespace
}  // namespace capstan::digitalocean
