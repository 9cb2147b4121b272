#include <capstan/simulation/engine/interference.hpp>

#include <gtest/gtest.h>

namespace capstan::simulation {
namespace {

std::uint64_t Of(std::string_view text) { return MixText(kNoText, text); }

TEST(StatesOfServers, IgnoreTimesAndVersions) {
  EXPECT_EQ(Of(R"({"resourceVersion":"7","t":"2026-01-01T00:00:00Z","a":1})"),
            Of(R"({"resourceVersion":"12","t":"2027-12-01T00:00:09.123456Z","a":1})"));
  EXPECT_NE(Of(R"({"a":1})"), Of(R"({"a":2})"));
  EXPECT_NE(Of(R"({"t":"2026-01-01"})"), Of(R"({"t":"2026-01-02"})"));
}

TEST(StatesOfServers, IgnoreTheNumberOfEditsIfAsManyWereObserved) {
  EXPECT_EQ(Of(R"({"generation":3,"status":{"observedGeneration":2,"c":[{"observedGeneration":3}]}})"),
            Of(R"({"generation":12,"status":{"observedGeneration":11,"c":[{"observedGeneration":12}]}})"));
  EXPECT_NE(Of(R"({"generation":3,"status":{"observedGeneration":3}})"),
            Of(R"({"generation":4,"status":{"observedGeneration":3}})"));
  EXPECT_NE(Of(R"({"generation":"a"})"), Of(R"({"generation":"b"})"));
}

}  // namespace
}  // namespace capstan::simulation
