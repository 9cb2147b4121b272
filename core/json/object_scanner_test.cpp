#include <capstan/core/json/object_scanner.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <utility>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/scan.hpp>

namespace capstan::json {
namespace {

TEST(ObjectScanner, SaysTheSameAsTheTwoFunctionsItReplacesObjectAfterObject) {
  const std::vector<std::string> objects = {
      R"({"metadata":{"name":"a","managedFields":[{"x":"]}"}],"uid":"u"},"spec":{"a":1}})",
      R"({"metadata":{"managedFields":[],"name":"b"}})",
      R"({"metadata":{"name":"c","managedFields" : [ ] },"spec":"managedFields"})",
      R"({"spec":{"managedFields":[1]},"metadata":{"name":"d","labels":{"k":"v"}}})",
      R"({"metadata":{"name":"e"},"data":")" + std::string(300000, 'x') + "\"}",
      R"({"metadata":{"name":"f","resourceVersion":"7"}})"};
  ObjectScanner scanner;
  for (int round = 0; round < 2; ++round) {
    for (const std::string& object : objects) {
      const auto scanned = scanner.Scan(object);
      ASSERT_TRUE(scanned) << object;
      EXPECT_EQ(scanned->text, *WithoutManagedFields(object));
      EXPECT_EQ(scanned->metadata.name, ScanMetadata(object)->name);
      EXPECT_EQ(scanned->metadata.labels, ScanMetadata(object)->labels);
      EXPECT_EQ(scanned->metadata.resource_version, ScanMetadata(object)->resource_version);
    }
    scanner.Trim();
  }
}

TEST(ObjectScanner, GoesOnAfterAMalformedObject) {
  ObjectScanner scanner;
  for (const char* bad : {"", "[1]", "{\"metadata\":", "{\"metadata\":{\"name\":7}}", "{}",
                          "{\"metadata\":{\"managedFields\":7}}"}) {
    const auto scanned = scanner.Scan(bad);
    ASSERT_FALSE(scanned) << bad;
    EXPECT_EQ(scanned.error().code, Code::kDataLoss);
    EXPECT_TRUE(scanner.Scan(R"({"metadata":{"name":"a"}})"));
  }
}

TEST(ObjectScanner, RefusesNestingThatNobodyMeans) {
  ObjectScanner scanner;
  const auto scanned =
      scanner.Scan(R"({"metadata":{"name":"a"},"x":)" + std::string(600, '[') + std::string(600, ']') + "}");
  ASSERT_FALSE(scanned);
  EXPECT_EQ(scanned.error().code, Code::kTooLarge);
}

TEST(ObjectScanner, CutsManagedFieldsOfMetadataAndOfNothingElse) {
  ObjectScanner scanner;
  for (const std::string object :
       {R"({"metadata":{"name":"a","managedFields":[{"x":"]}"},[[]]],"uid":"u"}})",
        R"({"metadata":{"managedFields":[],"name":"a"},"spec":{"managedFields":[1]}})",
        R"({"spec":{"metadata":{"managedFields":[1]}},"metadata":{"name":"a"}})",
        R"({"metadata":{"name":"managedFields","labels":{"managedFields":"x"},"managedFields" : [ 1 ] }})",
        R"({"metadata":{"name":"a","annotations":{"last":"{\"managedFields\":[1]}"},"managedFields":[2]}})",
        R"({"kind":"metadata","x":{"managedFields":[1]},"metadata":{"name":"a"}})",
        R"({"metadata" : {"name":"a","managedFields":[1]}, "z":[{"managedFields":[1]}]})"}) {
    const auto scanned = scanner.Scan(object);
    ASSERT_TRUE(scanned) << object << ": " << scanned.error();
    EXPECT_EQ(scanned->text, *WithoutManagedFields(object));
  }
}

// Found by fuzzing: one of the two functions removed only the last one.
TEST(ObjectScanner, CutsManagedFieldsAsOftenAsTheyAreGivenAndSoDoesWithoutManagedFields) {
  ObjectScanner scanner;
  for (const auto& [text, cut] : std::vector<std::pair<std::string, std::string>>{
           {R"({"metadata":{"name":"a","managedFields":[1],"managedFields":[2]}})",
            R"({"metadata":{"name":"a"}})"},
           {R"({"metadata":{"managedFields":[1],"managedFields":[2],"name":"a"}})",
            R"({"metadata":{"name":"a"}})"},
           {R"({"metadata":{"managedFields":[1],"name":"a","managedFields":[2]}})",
            R"({"metadata":{"name":"a"}})"},
           {R"({"metadata":{"managedFields":[1] , "managedFields":[2]}})", R"({"metadata":{}})"},
           {R"({"metadata":{"managedFields":[]},"metadata":{"name":"a","managedFields":[]}})",
            R"({"metadata":{},"metadata":{"name":"a"}})"}}) {
    const auto scanned = scanner.Scan(text);
    ASSERT_TRUE(scanned) << text;
    const auto without = WithoutManagedFields(text);
    ASSERT_TRUE(without) << text;
    EXPECT_EQ(scanned->text, *without) << text;
    EXPECT_TRUE(Equal(*without, cut)) << *without;
  }
}

// An object of 1.5 MB can consist of that name; scanning from the start for each would take a
// minute.
TEST(ObjectScanner, ReadsAnObjectThatNamesManagedFieldsEverywhereAsFastAsAnother) {
  std::string spec, metadata;
  for (int i = 0; i < 80'000; ++i) spec += R"("managedFields":0,)";
  for (int i = 0; i < 40'000; ++i) metadata += R"("managedFields":[],)";
  ObjectScanner scanner;
  const auto began = std::chrono::steady_clock::now();
  const auto scanned =
      scanner.Scan(StrCat(R"({"spec":{)", spec, R"("a":1},"metadata":{)", metadata, R"("name":"a"}})"));
  ASSERT_TRUE(scanned);
  EXPECT_EQ(scanned->metadata.name, "a");
  EXPECT_EQ(scanned->text, StrCat(R"({"spec":{)", spec, R"("a":1},"metadata":{"name":"a"}})"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

}  // namespace
}  // namespace capstan::json
