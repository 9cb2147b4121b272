// A test fixture with an empty directory on disk, which is removed when the test ends. The umask is
// 022 during the test.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <capstan/core/base/files.hpp>

namespace capstan {

class FolderTest : public testing::Test {
 protected:
  FolderTest() {
    std::string folder = (std::filesystem::temp_directory_path() / "folder_test.XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    umask_ = ::umask(022);
  }
  ~FolderTest() override {
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

}  // namespace capstan
