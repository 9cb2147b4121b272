#include <capstan/core/managed/testing/managed_test.hpp>

namespace capstan::managed {
namespace {

class StatusWriting : public ManagedTest {};

// Found on a real kube-apiserver 1.20: it refuses "" where the schema says string, and with it the
// whole status.
TEST_F(StatusWriting, OmitsEmptyStringsWhichOldServersReadAsNull) {
  MakeReady();
  const auto status = world.Get("a")->ValueAt("/status");
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->find("\"\""), std::string::npos) << *status;
  EXPECT_EQ(world.Get("a")->IntegerAt("/status/size"), 3) << "what is not empty is shown";
}

TEST_F(StatusWriting, LogsAChangeForTheWorseInOneLineThatNamesTheObject) {
  ASSERT_TRUE(world.MakeSecret("token", "expired"));
  world.StartLife();
  ASSERT_TRUE(world.Apply("a", kSecretSpec));
  ASSERT_TRUE(Becomes("a", "Synced", "False/Unauthenticated"));
  world.RunFor(std::chrono::minutes(30));
  std::vector<std::string> told;
  for (const auto& line : world.log.Lines())
    if (line.find("turned bad") != std::string::npos) told.push_back(line);
  ASSERT_EQ(told.size(), 1u) << "once, however often it recurs";
  EXPECT_NE(told.front().find("shop/a"), std::string::npos) << told.front();
  EXPECT_NE(told.front().find("Unauthenticated"), std::string::npos) << told.front();
}

TEST_F(StatusWriting, AnnouncesEachAppliedStepEvenOfTwoInARow) {
  MakeReady();
  ASSERT_TRUE(world.Apply("a", R"("size":4,"lids":["x","y"])"));
  ASSERT_TRUE(world.RunUntil([&] { return LiveBoxes().front().lids.size() == 2; }, std::chrono::minutes(5)));
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync"));
  EXPECT_EQ(EventsOf("Applying"), 3);
}

}  // namespace
}  // namespace capstan::managed
