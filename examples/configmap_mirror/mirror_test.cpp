#include "mirror.hpp"

#include <gtest/gtest.h>

#include <capstan/testing.hpp>

namespace example {
namespace {

using capstan::kube::ConfigMapKind;
using capstan::kube::ObjectKey;

const ObjectKey kSource{"default", "shared"}, kInA{"team-a", "shared"}, kInB{"team-b", "shared"};

class MirrorTest : public ::testing::Test {
 protected:
  MirrorTest() {
    Configure(mirror_);
    EXPECT_TRUE(cluster_.Apply(R"(
apiVersion: v1
kind: Namespace
metadata: {name: team-a}
---
apiVersion: v1
kind: Namespace
metadata: {name: team-b}
)"));
    cluster_.Start(mirror_);
    ApplySource("team-a, team-b", "blue");
  }
  void ApplySource(const std::string& to, const std::string& color) {
    const auto made = cluster_.Apply(R"(
apiVersion: v1
kind: ConfigMap
metadata:
  name: shared
  labels: {mirror.example.dev/source: "true"}
  annotations: {mirror.example.dev/to: ")" +
                                     to + R"("}
data: {color: )" + color + "}\n");
    EXPECT_TRUE(made) << made.error();
  }
  std::string ColorIn(const ObjectKey& key) {
    const auto map = cluster_.Get(ConfigMapKind(), key);
    return map ? map->StringAt("/data/color").value_or("?") : "";
  }
  capstan::Operator mirror_{{.name = "mirror", .domain = "mirror.example.dev"}};
  capstan::testing::Cluster cluster_;
};

TEST_F(MirrorTest, CopiesFollowTheirSource) {
  EXPECT_EQ(ColorIn(kInA), "blue");
  EXPECT_EQ(ColorIn(kInB), "blue");
  ApplySource("team-b", "green");
  EXPECT_EQ(ColorIn(kInA), "") << "it is no longer wanted there";
  EXPECT_EQ(ColorIn(kInB), "green");
}

TEST_F(MirrorTest, CopiesThatOthersDeleteOrChangeAreRestored) {
  ASSERT_TRUE(cluster_.Delete(ConfigMapKind(), kInA));
  EXPECT_TRUE(cluster_.Until([&] { return ColorIn(kInA) == "blue"; }));
  ASSERT_TRUE(cluster_.Patch(ConfigMapKind(), kInB, R"({"data":{"color":"red"}})"));
  EXPECT_EQ(ColorIn(kInB), "blue");
}

TEST_F(MirrorTest, CopiesAreDeletedWithTheirSource) {
  ASSERT_TRUE(cluster_.Delete(ConfigMapKind(), kSource));
  EXPECT_TRUE(cluster_.Gone(ConfigMapKind(), kInA));
  EXPECT_TRUE(cluster_.Gone(ConfigMapKind(), kInB));
}

TEST_F(MirrorTest, ASourceThatLosesItsLabelIsCleanedUpAndReleased) {
  ASSERT_TRUE(cluster_.Patch(ConfigMapKind(), kSource,
                             R"({"metadata":{"labels":{"mirror.example.dev/source":null}}})"));
  EXPECT_TRUE(cluster_.Gone(ConfigMapKind(), kInA));
  EXPECT_TRUE(
      cluster_.Until([&] { return cluster_.Get(ConfigMapKind(), kSource)->metadata().finalizers.empty(); }));
}

TEST_F(MirrorTest, AdoptsNoForeignObject) {
  ASSERT_TRUE(cluster_.Apply(ConfigMapKind(), {"team-a", "taken"},
                             capstan::Json().Set("data", capstan::Json().Set("color", "mine"))));
  ASSERT_TRUE(cluster_.Apply(R"(
apiVersion: v1
kind: ConfigMap
metadata:
  name: taken
  labels: {mirror.example.dev/source: "true"}
  annotations: {mirror.example.dev/to: team-a}
data: {color: theirs}
)"));
  EXPECT_EQ(ColorIn({"team-a", "taken"}), "mine");
  ASSERT_TRUE(cluster_.Delete(ConfigMapKind(), {"default", "taken"}));
  EXPECT_EQ(ColorIn({"team-a", "taken"}), "mine");
}

}  // namespace
}  // namespace example
