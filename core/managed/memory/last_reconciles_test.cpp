#include <capstan/core/managed/memory/last_reconciles.hpp>

#include <gtest/gtest.h>

namespace capstan::managed {
namespace {

using std::chrono::seconds;

class LastReconcilesTest : public testing::Test {
 protected:
  const kube::ObjectKey web_{"shop", "web"}, alike_{"sho", "pweb"};
  const Instant now_ = Instant{} + std::chrono::hours(1);
  LastReconciles last_;
};

TEST_F(LastReconcilesTest, AnObjectWaitsUntilItIsDueUnlessItsVersionChanged) {
  EXPECT_EQ(last_.NothingNew(web_, "u-1", now_), std::nullopt);
  last_.Note(web_, "u-1", now_ + seconds(30));
  EXPECT_EQ(last_.NothingNew(web_, "u-1", now_), seconds(30));
  EXPECT_EQ(last_.NothingNew(web_, "u-2", now_), std::nullopt);
  EXPECT_EQ(last_.NothingNew(web_, "u-1", now_ + seconds(30)), std::nullopt);
  EXPECT_EQ(last_.NothingNew(alike_, "u-1", now_), std::nullopt);
  last_.Note(web_, "u-2", now_ + seconds(60));
  EXPECT_EQ(last_.NothingNew(web_, "u-1", now_), std::nullopt);
  EXPECT_EQ(last_.NothingNew(web_, "u-2", now_), seconds(60));
  last_.LookAgain(web_);
  EXPECT_EQ(last_.NothingNew(web_, "u-2", now_), std::nullopt);
}

TEST_F(LastReconcilesTest, TheRestIsKeptWhenAVersionOfAnotherLengthIsNoted) {
  EXPECT_EQ(last_.Failed(web_, "create"), 1);
  EXPECT_EQ(last_.Moving(web_, true, now_), seconds(0));
  EXPECT_EQ(last_.Refused(web_, true, now_ + seconds(1)), seconds(0));
  for (const char* version : {"u-9", "u-10", "", "u-100"}) last_.Note(web_, version, now_ + seconds(9));
  EXPECT_EQ(last_.NothingNew(web_, "u-100", now_), seconds(9));
  EXPECT_EQ(last_.Failed(web_, "create"), 2);
  EXPECT_EQ(last_.Moving(web_, true, now_ + seconds(5)), seconds(5));
  EXPECT_EQ(last_.Refused(web_, true, now_ + seconds(5)), seconds(4));
}

TEST_F(LastReconcilesTest, FailuresCountInARowForEachOperationAndInterruptionsStartAgain) {
  EXPECT_EQ(last_.Failed(web_, "create"), 1);
  EXPECT_EQ(last_.Failed(web_, "create"), 2);
  EXPECT_EQ(last_.Failed(web_, "delete"), 1);
  last_.Succeeded(web_);
  EXPECT_EQ(last_.Failed(web_, "delete"), 1);
  EXPECT_EQ(last_.Moving(web_, true, now_), seconds(0));
  EXPECT_EQ(last_.Moving(web_, false, now_ + seconds(5)), seconds(0));
  EXPECT_EQ(last_.Moving(web_, true, now_ + seconds(6)), seconds(0));
  EXPECT_EQ(last_.Moving(web_, true, now_ + seconds(8)), seconds(2));
}

TEST_F(LastReconcilesTest, AForgottenObjectStartsFromNothing) {
  last_.Note(web_, "u-1", now_ + seconds(30));
  EXPECT_EQ(last_.Failed(web_, "create"), 1);
  last_.Forget(web_);
  last_.Forget(web_);
  EXPECT_EQ(last_.NothingNew(web_, "u-1", now_), std::nullopt);
  EXPECT_EQ(last_.Failed(web_, "create"), 1);
}

}  // namespace
}  // namespace capstan::managed
