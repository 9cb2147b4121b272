// What a built plugin exposes to the dynamic linker: one symbol, and no dependency that its author
// must install.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/base/process.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/tests/abi/plugin_world.hpp>

namespace capstan::abi {
namespace {

std::vector<std::string> ExportsOf(const std::string& path) {
  const auto ran = MakeSystemProcess()->Run({{"nm", "-D", "--defined-only", path}, {}, ""}, Context{});
  EXPECT_TRUE(ran && ran->exit_status == 0) << path;
  std::vector<std::string> names;
  for (const std::string& line : Split(ran ? ran->output : "", '\n')) {
    if (!line.empty()) names.push_back(line.substr(line.rfind(' ') + 1));
  }
  return names;
}

TEST(PluginExports, AreOneSymbolFromC) {
  EXPECT_THAT(ExportsOf(MadeUpPlugin()), testing::ElementsAre("capstan_plugin_v1"));
}

TEST(PluginExports, AreOneSymbolFromCppWithAllThatIsLinkedIntoIt) {
  EXPECT_THAT(ExportsOf(CAPSTAN_EXAMPLE_PLUGINS "/libcapstan_directory.so"),
              testing::ElementsAre("capstan_plugin_v1"));
}

TEST(PluginExports, AreOneSymbolFromEachPluginThatWeShip) {
  const auto names = MakeSystemFiles()->List(CAPSTAN_BUILT_PLUGINS);
  ASSERT_TRUE(names && !names->empty());
  for (const std::string& name : *names) {
    EXPECT_THAT(ExportsOf(std::string(CAPSTAN_BUILT_PLUGINS "/") + name),
                testing::ElementsAre("capstan_plugin_v1"))
        << name;
  }
}

TEST(PluginNeeds, NothingButTheLanguageRuntimes) {
  for (const std::string& path :
       {MadeUpPlugin(), std::string(CAPSTAN_EXAMPLE_PLUGINS "/libcapstan_directory.so")}) {
    const auto bytes = MakeSystemFiles()->Read(path);
    ASSERT_TRUE(bytes) << bytes.error();
    const auto inspection = loader::Inspect(*bytes, path);
    ASSERT_TRUE(inspection) << inspection.error();
    for (const std::string& library : inspection->needed) {
      // The last one is the part of libc that finds thread-local variables.
      EXPECT_THAT(library, testing::AnyOf("libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1",
                                          testing::StartsWith("ld-linux")))
          << path;
    }
  }
}

}  // namespace
}  // namespace capstan::abi
