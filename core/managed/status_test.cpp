#include <capstan/core/managed/detail/managed_test_world.hpp>

namespace capstan::managed {
namespace {

class StatusWriting : public ManagedTest {};

// Found on a real kube-apiserver 1.20: it refuses "" where the schema says string, and so the whole status.
TEST_F(StatusWriting, LeavesOutEmptyTextsWhichOldServersTakeForNull) {
  MakeReady();
  const auto status = world.Get("a")->ValueAt("/status");
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->find("\"\""), std::string::npos) << *status;
  EXPECT_EQ(world.Get("a")->IntegerAt("/status/size"), 3) << "what is not empty is shown";
}

}  // namespace
}  // namespace capstan::managed
