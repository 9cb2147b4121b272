#include <gtest/gtest.h>

#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

TEST(ClaimName, IsTheIdIfThatIsADnsName) {
  EXPECT_EQ(ClaimName("bd5f5959-5e1e-4205-a714-a914373942af"),
            "capstan-adopts-bd5f5959-5e1e-4205-a714-a914373942af");
  EXPECT_EQ(ClaimName("box-1.eu"), "capstan-adopts-box-1.eu");
}

TEST(ClaimName, OfAnyIdIsADistinctDnsName) {
  const std::string longest(300, 'a');
  std::set<std::string> names;
  const std::vector<std::string> ids = {"a/b",
                                        "a-b",
                                        "a.b",
                                        "A.b",
                                        "a b",
                                        "A-B",
                                        "a-b-",
                                        "a..b",
                                        "projects/p/zones/z/clusters/c",
                                        "arn:aws:eks:eu-west-1:1:cluster/Shop",
                                        "Größe",
                                        "-",
                                        ".",
                                        "a.-b",
                                        longest,
                                        longest + "a",
                                        std::string(199, 'a') + ".x/",
                                        std::string(238, 'a'),
                                        std::string(239, 'a')};
  for (const auto& id : ids) {
    const std::string name = ClaimName(id);
    EXPECT_TRUE(IsDnsSubdomain(name)) << id << " gives " << name;
    EXPECT_TRUE(names.insert(name).second) << id << " shares the claim " << name;
  }
}

}  // namespace
}  // namespace capstan::managed
