#include <capstan/local/disk/private_file.hpp>

#include <gtest/gtest.h>

#include <fstream>

#include <capstan/core/base/testing/folder_test.hpp>

namespace capstan::disk {
namespace {

class PrivateFileTest : public FolderTest {
 protected:
  void Write(const std::string& name, unsigned mode) const {
    std::ofstream(At(name)) << "content of " << name;
    ASSERT_EQ(::chmod(At(name).c_str(), mode), 0);
  }
};

TEST_F(PrivateFileTest, FoldersAndFilesArePrivateWhateverTheUmask) {
  ::umask(0);
  ASSERT_TRUE(MakePrivateFolder(At("above/data")));
  EXPECT_EQ(ModeOf(At("above/data")), 0700U);
  ASSERT_TRUE(MakePrivateFile(At("above/data/file")));
  EXPECT_EQ(ModeOf(At("above/data/file")), 0600U);
}

TEST_F(PrivateFileTest, ExistingFilesBecomePrivateAndKeepTheirContent) {
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

TEST_F(PrivateFileTest, RefusesASharedFolderAndWhatIsNotAFile) {
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
