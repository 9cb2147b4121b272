// Files that are not plugins, damaged plugins, and plugins that other users could have replaced:
// each is refused with one sentence, and none crashes or blocks this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <elf.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include <capstan/core/base/text.hpp>
#include <capstan/plugins/loader/directory.hpp>
#include <capstan/tests/abi/plugin_world.hpp>

namespace capstan::abi {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class Damages : public testing::Test {
 protected:
  // Loads `count` copies of a plugin, each with three bytes changed somewhere in [begin, end). A
  // copy that is not refused was loaded, so the changed bytes did no harm.
  void Try(const std::string& path, std::size_t begin, std::size_t end, int count, std::uint64_t seed) {
    const auto bytes = world_.files->Read(path);
    ASSERT_TRUE(bytes) << bytes.error();
    end = std::min(end, bytes->size());
    const auto random = MakeSeededRandom(seed);
    for (int i = 0; i < count; ++i) {
      std::string damaged = *bytes;
      for (int k = 0; k < 3; ++k)
        damaged[begin + random->Next() % (end - begin)] = static_cast<char>(random->Next());
      const auto files = MakeMemoryFiles({{"/plugins/x.so", damaged}});
      loader::LoadOptions options;
      options.trial_limit = std::chrono::seconds(2);
      const auto plugin = loader::LoadPlugin(*files, "/plugins/x.so", world_.seams(), options);
      ++tried_;
      if (plugin) continue;
      ++refused_;
      EXPECT_THAT(plugin.error().message, HasSubstr("/plugins/x.so")) << i;
      EXPECT_EQ(plugin.error().message.find('\n'), std::string::npos) << plugin.error().message;
    }
  }
  PluginWorld world_;
  int tried_ = 0, refused_ = 0;
};

constexpr std::size_t kHeaders = sizeof(Elf64_Ehdr) + 11 * sizeof(Elf64_Phdr);

TEST_F(Damages, OfTheProgramHeadersNeverEndTheProcess) {
  Try(MadeUpPlugin(), sizeof(Elf64_Ehdr), kHeaders, 50, 1);
  Try(CAPSTAN_EXAMPLE_PLUGINS "/libcapstan_directory.so", sizeof(Elf64_Ehdr), kHeaders, 50, 2);
  EXPECT_EQ(tried_, 100);
  EXPECT_GT(refused_, 50) << "most of what stands there matters";
}

TEST_F(Damages, OfTheTablesOfTheDynamicLinkerNeverEndTheProcess) {
  Try(MadeUpPlugin(), kHeaders, 4096, 100, 3);
  EXPECT_EQ(tried_, 100);
}

TEST_F(Damages, AnywhereInTheFileNeverEndTheProcess) {
  Try(MadeUpPlugin(), 0, static_cast<std::size_t>(-1), 50, 4);
  Try(CAPSTAN_EXAMPLE_PLUGINS "/libcapstan_directory.so", 0, static_cast<std::size_t>(-1), 50, 5);
  EXPECT_EQ(tried_, 100);
}

// A folder that contains various entries ending in ".so".
class Folder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("capstan_folder_" + MakeSystemRandom()->Suffix(12));
    fs::create_directory(folder_);
    fs::permissions(folder_, fs::perms(0755));
  }
  void TearDown() override {
    std::error_code error;
    fs::remove_all(folder_, error);
  }
  std::string Put(const std::string& name, unsigned mode = 0644) {
    const std::string path = (folder_ / name).string();
    fs::copy_file(MadeUpPlugin(), path);
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  Result<std::shared_ptr<const loader::Plugin>> Load(const std::string& path, bool allow_writable = false) {
    loader::LoadOptions options;
    options.allow_writable = allow_writable;
    return loader::LoadPlugin(*world_.files, path, world_.seams(), options);
  }
  void ExpectRefused(const std::string& path, Code code, const std::string& why) {
    const auto plugin = Load(path);
    ASSERT_FALSE(plugin) << path;
    EXPECT_EQ(plugin.error().code, code) << plugin.error();
    EXPECT_THAT(plugin.error().message, testing::AllOf(HasSubstr(path), HasSubstr(why)));
  }
  fs::path folder_;
  PluginWorld world_;
};

TEST_F(Folder, APathThatIsNoRegularFileIsRefusedWithoutBeingOpened) {
  const std::string fifo = (folder_ / "fifo.so").string();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0644), 0);
  fs::create_symlink(fifo, folder_ / "link.so");
  fs::create_directory(folder_ / "folder.so");
  const std::string socket = (folder_ / "socket.so").string();
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string good = Put("good.so");
  ExpectRefused(fifo, Code::kInvalidArgument, "is no regular file");
  ExpectRefused((folder_ / "link.so").string(), Code::kInvalidArgument, "is no regular file");
  ExpectRefused((folder_ / "folder.so").string(), Code::kInvalidArgument, "is a folder");
  ExpectRefused(socket, Code::kInvalidArgument, "is no regular file");
  ExpectRefused("/dev/zero", Code::kInvalidArgument, "is no regular file");
  const auto loaded = loader::LoadDirectory(*world_.files, folder_.string(), world_.seams());
  EXPECT_EQ(loaded.plugins.size(), 1u) << "the others run";
  EXPECT_EQ(loaded.refusals.size(), 4u);
  ::close(listener);
}

TEST_F(Folder, AFileThatOthersMayWriteIsRefusedUnlessAllowed) {
  const std::string path = Put("x.so", 0646);
  ExpectRefused(path, Code::kPermissionDenied, "the file can be written by others");
  EXPECT_TRUE(Load(path, true));
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  EXPECT_TRUE(Load(path));
}

TEST_F(Folder, AFolderThatOthersMayWriteIsRefusedUnlessItIsStickyOrAllowed) {
  const std::string path = Put("x.so");
  ASSERT_EQ(::chmod(folder_.c_str(), 0757), 0);
  ExpectRefused(path, Code::kPermissionDenied, "can be written by others");
  EXPECT_TRUE(Load(path, true));
  ASSERT_EQ(::chmod(folder_.c_str(), 01777), 0);
  EXPECT_TRUE(Load(path)) << "in a sticky folder nobody replaces what is not theirs";
}

TEST_F(Folder, ALinkIsJudgedByTheFolderThatItLeadsTo) {
  const fs::path open = folder_ / "open";
  fs::create_directory(open);
  fs::copy_file(MadeUpPlugin(), open / "real");
  ASSERT_EQ(::chmod(open.c_str(), 0777), 0);
  fs::create_symlink(open / "real", folder_ / "x.so");
  ExpectRefused((folder_ / "x.so").string(), Code::kPermissionDenied, "can be written by others");
}

TEST_F(Folder, AFileOrFolderOfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const std::string path = Put("x.so");
  ASSERT_EQ(::chown(path.c_str(), 12345, 12345), 0);
  ExpectRefused(path, Code::kPermissionDenied, "the file belongs to user 12345");
  EXPECT_TRUE(Load(path, true));
  ASSERT_EQ(::chown(path.c_str(), 0, 0), 0);
  ASSERT_EQ(::chown(folder_.c_str(), 12345, 12345), 0);
  ExpectRefused(path, Code::kPermissionDenied, "belongs to user 12345");
}

TEST_F(Folder, AGroupThatMayWriteCountsAsOthersUnlessItIsTheOwnersOwn) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const std::string path = Put("x.so", 0664);
  EXPECT_TRUE(Load(path)) << "group 0";
  ASSERT_EQ(::chown(path.c_str(), 0, 12345), 0);
  ExpectRefused(path, Code::kPermissionDenied, "the file can be written by others");
}

}  // namespace
}  // namespace capstan::abi
