#include <capstan/local/apiserver/storage/storage.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace capstan::apiserver {
namespace {

class SqliteFile : public testing::Test {
 protected:
  SqliteFile() {
    std::filesystem::path directory = std::filesystem::temp_directory_path();
    path = directory / ("capstan-storage-test-" + std::to_string(::getpid()) + ".db");
    Remove();
  }
  ~SqliteFile() override { Remove(); }
  void Remove() {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);
  }
  std::filesystem::path path;
};

TEST_F(SqliteFile, ReturnsCommittedRowsInOrderOfKeys) {
  auto first = OpenSqliteStorage(path);
  ASSERT_TRUE(first) << first.error();
  const auto text = std::make_shared<const std::string>(R"({"kind":"A"})"),
             other = std::make_shared<const std::string>(R"({"kind":"ü"})");
  ASSERT_TRUE((*first)->Commit("/b", text, 1));
  ASSERT_TRUE((*first)->Commit("/a", text, 2));
  ASSERT_TRUE((*first)->Commit("/b", other, 3));
  ASSERT_TRUE((*first)->Commit("/c", text, 4));
  ASSERT_TRUE((*first)->Commit("/c", nullptr, 5));
  first->reset();

  auto second = OpenSqliteStorage(path);
  ASSERT_TRUE(second) << second.error();
  auto state = (*second)->Load();
  ASSERT_TRUE(state) << state.error();
  EXPECT_EQ(state->revision, 5u);
  ASSERT_EQ(state->rows.size(), 2u);
  EXPECT_EQ(state->rows[0].key, "/a");
  EXPECT_EQ(state->rows[1].key, "/b");
  EXPECT_EQ(*state->rows[1].text, *other);
  EXPECT_EQ(state->rows[1].revision, 3u);
}

TEST_F(SqliteFile, ShowsACommitImmediatelyToAnotherReader) {
  // Another process that reads while the first one still runs sees what a restart after kill -9
  // would see.
  auto writer = OpenSqliteStorage(path);
  ASSERT_TRUE(writer) << writer.error();
  const auto text = std::make_shared<const std::string>("{}");
  ASSERT_TRUE((*writer)->Commit("/a", text, 7));
  auto reader = OpenSqliteStorage(path);
  ASSERT_TRUE(reader) << reader.error();
  auto state = (*reader)->Load();
  ASSERT_TRUE(state) << state.error();
  EXPECT_EQ(state->revision, 7u);
  EXPECT_EQ(state->rows.size(), 1u);
}

TEST_F(SqliteFile, RefusesAFileThatIsNotADatabase) {
  std::ofstream(path)
      << "this is a text file, long enough to be taken for a header of something else entirely";
  auto opened = OpenSqliteStorage(path);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find(path.string()), std::string::npos);
}

TEST_F(SqliteFile, NamesThePathThatCannotBeOpened) {
  auto opened = OpenSqliteStorage("/nonexistent/directory/data.db");
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("/nonexistent/directory/data.db"), std::string::npos);
}

TEST(MemoryStorage, KeepsItsStateForTheNextServer) {
  std::unique_ptr<Storage> storage = MakeMemoryStorage();
  const auto text = std::make_shared<const std::string>("{}");
  ASSERT_TRUE(storage->Commit("/a", text, 1));
  ASSERT_TRUE(storage->Commit("/b", text, 2));
  ASSERT_TRUE(storage->Commit("/a", nullptr, 3));
  auto state = storage->Load();
  ASSERT_TRUE(state);
  EXPECT_EQ(state->revision, 3u);
  ASSERT_EQ(state->rows.size(), 1u);
  EXPECT_EQ(state->rows[0].key, "/b");
}

}  // namespace
}  // namespace capstan::apiserver
