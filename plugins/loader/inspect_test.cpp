#include <capstan/plugins/loader/inspect.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace capstan::loader {
namespace {

TEST(CheckNeeded, RefusesAnotherVersionOfWhatIsLoaded) {
  Inspection inspection;
  inspection.needed = {"libPocoJSON.so.70", "libc.so.6"};
  const Status refused = CheckNeeded(inspection, {"/usr/lib/libPocoJSON.so.80", "/lib/libc.so.6"}, "/p/x.so");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
  EXPECT_THAT(refused.error().message,
              testing::HasSubstr("/p/x.so needs libPocoJSON.so.70 but libPocoJSON.so.80 is loaded"));
}

TEST(CheckNeeded, AcceptsTheSameVersionAndLibrariesThatAreNotLoaded) {
  Inspection inspection;
  inspection.needed = {"libPocoJSON.so.80", "libnew.so.3", "libplain.so"};
  EXPECT_TRUE(
      CheckNeeded(inspection, {"/usr/lib/libPocoJSON.so.80", "libc.so.6", "linux-vdso.so.1"}, "/p/x.so"));
}

TEST(LoadedLibraries, NameTheCLibraryOfThisProcess) {
  EXPECT_THAT(LoadedLibraries(), testing::Contains(testing::HasSubstr("libc.so.6")));
}

TEST(Inspect, SaysOfAProgramThatItIsNoPlugin) {
  const auto inspected = Inspect("MZ\x90 this is a program of another system", "/p/x.so");
  ASSERT_FALSE(inspected);
  EXPECT_EQ(inspected.error().code, Code::kInvalidArgument);
  EXPECT_THAT(inspected.error().message, testing::HasSubstr("/p/x.so is not a shared library"));
}

}  // namespace
}  // namespace capstan::loader
