#include <capstan/local/disk/private_file.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <capstan/core/base/files.hpp>

namespace capstan::disk {
namespace {

class PrivateFileTest : public testing::Test {
 protected:
  PrivateFileTest() {
    std::string folder = (std::filesystem::temp_directory_path() / "private_file_test.XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    umask_ = ::umask(022);
  }
  ~PrivateFileTest() override {
    ::umask(umask_);
    std::filesystem::remove_all(folder_);
  }
  std::string At(const std::string& name) const { return folder_ + "/" + name; }
  static unsigned ModeOf(const std::string& path) {
    struct stat now {};
    EXPECT_EQ(::stat(path.c_str(), &now), 0) << path;
    return now.st_mode & 07777;
  }
  void Write(const std::string& name, unsigned mode) const {
    std::ofstream(At(name)) << "content of " << name;
    ASSERT_EQ(::chmod(At(name).c_str(), mode), 0);
  }

  std::string folder_;
  mode_t umask_ = 0;
  std::unique_ptr<Files> files_ = MakeSystemFiles();
};

TEST_F(PrivateFileTest, PrivateFoldersAndFilesAreSoWhateverTheUmask) {
  ::umask(0);
  ASSERT_TRUE(MakePrivateFolder(At("above/data")));
  EXPECT_EQ(ModeOf(At("above/data")), 0700U);
  ASSERT_TRUE(MakePrivateFile(At("above/data/file")));
  EXPECT_EQ(ModeOf(At("above/data/file")), 0600U);
}

TEST_F(PrivateFileTest, WhatExistsIsMadePrivateAndKeepsItsContent) {
  ASSERT_EQ(::mkdir(At("data").c_str(), 0755), 0);
  for (const char* name : {"data/db", "data/db-wal", "data/db-shm"}) Write(name, 0644);
  ASSERT_TRUE(MakePrivateFolder(At("data")));
  ASSERT_TRUE(MakePrivateDatabase(At("data/db")));
  EXPECT_EQ(ModeOf(At("data")), 0700U);
  for (const char* name : {"data/db", "data/db-wal", "data/db-shm"}) {
    EXPECT_EQ(ModeOf(At(name)), 0600U) << name;
    EXPECT_EQ(files_->Read(At(name)), std::string("content of ") + name);
  }
  EXPECT_FALSE(files_->Exists(At("data/db-journal")));
}

TEST_F(PrivateFileTest, ASharedFolderAndWhatIsNoFileAreNotMadePrivate) {
  ASSERT_EQ(::mkdir(At("shared").c_str(), 0777), 0);
  ASSERT_EQ(::chmod(At("shared").c_str(), 01777), 0);
  EXPECT_EQ(MakePrivateFolder(At("shared")).error().code, Code::kInvalidArgument);
  EXPECT_EQ(ModeOf(At("shared")), 01777U);
  ASSERT_EQ(::mkfifo(At("fifo").c_str(), 0644), 0);
  EXPECT_EQ(MakePrivateFile(At("fifo")).error().code, Code::kInvalidArgument);
  Write("file", 0644);
  EXPECT_FALSE(MakePrivateFolder(At("file")));
}

}  // namespace
}  // namespace capstan::disk
