#include <gtest/gtest.h>

#include <set>
#include <string>

#include <capstan/core/base/files.hpp>
#include <capstan/core/managed/reasons.hpp>

namespace capstan::managed {
namespace {

TEST(Reasons, AreInTheOrderOfTheirEnumWithDistinctNames) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < AllReasons().size(); ++i) {
    const ReasonInfo& info = AllReasons()[i];
    EXPECT_EQ(static_cast<std::size_t>(info.reason), i) << info.name;
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_TRUE(info.condition == "Ready" || info.condition == "Synced") << info.name;
    EXPECT_FALSE(info.meaning.empty()) << info.name;
  }
}

TEST(Reasons, AreExactlyThoseInTheDocumentedTable) {
  const auto text = MakeSystemFiles()->Read(std::string(CAPSTAN_SOURCE_DIR) + "/docs/conditions.md");
  ASSERT_TRUE(text.has_value()) << text.error().message;
  std::size_t rows = 0;
  const std::size_t end = text->find("## What the core remembers");  // further tables follow
  for (std::size_t at = text->find("\n| `"); at < end; at = text->find("\n| `", at + 1)) ++rows;
  EXPECT_EQ(rows, AllReasons().size());
  for (const ReasonInfo& info : AllReasons()) {
    const std::string row = std::string("\n| `") + std::string(info.name) + "` | " +
                            std::string(info.condition) + " | " + std::string(info.meaning) + " | " +
                            std::string(info.remedy);
    EXPECT_NE(text->find(row), std::string::npos) << "docs/conditions.md lacks the row " << row;
  }
}

}  // namespace
}  // namespace capstan::managed
