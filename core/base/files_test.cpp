#include <capstan/core/base/files.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/testing/folder_test.hpp>

namespace capstan {
namespace {

class SystemFilesTest : public FolderTest {};

TEST_F(SystemFilesTest, APathThatIsNoRegularFileIsRefusedWithoutBlocking) {
  ASSERT_EQ(::mkfifo(At("fifo").c_str(), 0600), 0);
  for (const std::string& path : {At("fifo"), std::string("/dev/zero"), std::string("/dev/tty"), folder_}) {
    const auto read = files_->Read(path);
    ASSERT_FALSE(read) << path;
    EXPECT_NE(read.error().message.find(path), std::string::npos) << read.error();
  }
  EXPECT_EQ(files_->Read(At("fifo")).error().code, Code::kInvalidArgument);
  EXPECT_EQ(files_->Read("/dev/null"), "") << "as KUBECONFIG=/dev/null asks for nothing";
}

TEST_F(SystemFilesTest, AWrittenFileIsWholeAndHasItsMode) {
  ASSERT_TRUE(files_->WriteAtomically(At("a"), "one", 0600));
  EXPECT_EQ(ModeOf(At("a")), 0600U);
  ASSERT_TRUE(files_->WriteAtomically(At("a"), "two", 0644));
  EXPECT_EQ(files_->Read(At("a")), "two");
  EXPECT_EQ(ModeOf(At("a")), 0644U);
  EXPECT_EQ(files_->List(folder_)->size(), 1U) << "nothing stays beside it";
  EXPECT_EQ(files_->WriteAtomically(At("none/a"), "x").error().code, Code::kNotFound);
}

}  // namespace
}  // namespace capstan
