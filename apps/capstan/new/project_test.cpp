#include <capstan/apps/capstan/new/project.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace capstan::app {
namespace {

using ::testing::HasSubstr;

std::string FileOf(const std::vector<ProjectFile>& files, const std::string& path) {
  for (const ProjectFile& file : files) {
    if (file.path == path) return file.content;
  }
  return "no such file";
}

TEST(NewProject, ForAnOperatorHasAllFilesUnderItsOwnNames) {
  const auto files = OperatorProject({"web-shop", "", "shops.example"});
  ASSERT_TRUE(files) << files.error();
  for (const char* path : {"CMakeLists.txt", "reconcile.hpp", "reconcile.cpp", "main.cpp",
                           "reconcile_test.cpp", "crd.yaml", "deploy.yaml", "README.md"}) {
    EXPECT_NE(FileOf(*files, path), "no such file") << path;
  }
  EXPECT_THAT(FileOf(*files, "crd.yaml"), HasSubstr("name: webshops.shops.example"));
  EXPECT_THAT(FileOf(*files, "main.cpp"), HasSubstr(".name = \"web-shop\""));
  for (const ProjectFile& file : *files) {
    for (const char* left : {"@NAME@", "@KIND@", "@GROUP@", "@PLURAL@", "@SINGULAR@", "@SNAKE@"})
      EXPECT_EQ(file.content.find(left), std::string::npos) << file.path << " still has " << left;
  }
}

TEST(NewProject, ForAProviderIsTheTemplateUnderAnotherName) {
  const auto files = ProviderProject("sky-high");
  ASSERT_TRUE(files) << files.error();
  EXPECT_THAT(FileOf(*files, "plugin.cpp"), HasSubstr("SkyHighCluster"));
  EXPECT_THAT(FileOf(*files, "CMakeLists.txt"), HasSubstr("capstan_add_plugin(skyhigh"));
  for (const ProjectFile& file : *files)
    EXPECT_EQ(file.content.find("mycloud"), std::string::npos) << file.path;
}

TEST(NewProject, WithAnInvalidNameIsRefusedInOneLine) {
  for (const char* name : {"", "Shop", "1shop", "-shop", "shop/../x", "a b",
                           "a-name-that-is-far-too-long-for-any-project-of-ours"}) {
    EXPECT_FALSE(OperatorProject({name, "", "example.dev"})) << name;
    EXPECT_FALSE(ProviderProject(name)) << name;
  }
  EXPECT_FALSE(OperatorProject({"shop", "shop", "example.dev"}));
  EXPECT_FALSE(OperatorProject({"shop", "", "nodots"}));
}

}  // namespace
}  // namespace capstan::app
