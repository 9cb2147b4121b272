#include <capstan/core/base/files.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace capstan {
namespace {

class SystemFilesTest : public testing::Test {
 protected:
  SystemFilesTest() {
    std::string folder = (std::filesystem::temp_directory_path() / "files_test.XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    umask_ = ::umask(022);
  }
  ~SystemFilesTest() override {
    ::umask(umask_);
    std::filesystem::remove_all(folder_);
  }
  std::string At(const std::string& name) const { return folder_ + "/" + name; }
  static unsigned ModeOf(const std::string& path) {
    struct stat now {};
    EXPECT_EQ(::stat(path.c_str(), &now), 0) << path;
    return now.st_mode & 07777;
  }

  std::string folder_;
  mode_t umask_ = 0;
  std::unique_ptr<Files> files_ = MakeSystemFiles();
};

TEST_F(SystemFilesTest, WhatIsNoFileIsRefusedAndNotWaitedFor) {
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
