#include <capstan/apps/capstan/plan/kinds.hpp>

#include <gtest/gtest.h>

namespace capstan::app {
namespace {

class BoxProvider final : public external::Provider {
 public:
  BoxProvider() {
    external::KindInfo box, bare;
    box.group = bare.group = "boxes.test";
    box.version = bare.version = "v1";
    box.kind = "Box";
    box.plural = "boxes";
    bare.kind = "Lid";
    bare.plural = "lids";
    manifest_.kinds = {box, bare};
    manifest_.crds = {
        R"({"spec":{"group":"other.test","names":{"kind":"Box","plural":"boxes","shortNames":["no"]}}})",
        "not JSON",
        R"({"spec":{"group":"boxes.test","names":{"kind":"Box","plural":"boxes","singular":"box","shortNames":["bx"]}}})"};
  }
  const external::Manifest& manifest() const override { return manifest_; }
  Result<std::unique_ptr<external::External>> Connect(const std::string&, const external::Credentials&,
                                                      const Context&) override {
    return Fail(Code::kUnimplemented, "nobody connects here");
  }

 private:
  external::Manifest manifest_;
};

class PlanKindsTest : public ::testing::Test {
 protected:
  Result<Subject> Parse(const std::string& argument) { return ParseSubject(argument, kinds_, *files_); }
  std::string Refusal(const std::string& argument) {
    const auto subject = Parse(argument);
    if (subject) return "";
    EXPECT_EQ(subject.error().message.find('\n'), std::string::npos);
    return subject.error().message;
  }
  BoxProvider provider_;
  std::vector<ServedKind> kinds_ = KindsOf(provider_);
  std::unique_ptr<Files> files_ = MakeMemoryFiles(
      {{"box.yaml", ""}, {"boxes/a", ""}, {"./boxes/a", ""}, {"plain", ""}, {"dir/sub/a.yaml", ""}});
};

TEST_F(PlanKindsTest, FindsAKindByAllItsNamesInAnyCase) {
  for (const char* name : {"Box", "box", "boxes", "BX", "bx", "Boxes.boxes.test", "bx.boxes.test"}) {
    const ServedKind* kind = FindKind(kinds_, name);
    ASSERT_NE(kind, nullptr) << name;
    EXPECT_EQ(kind->info.kind, "Box");
  }
  EXPECT_EQ(FindKind(kinds_, "no"), nullptr);  // of another group
  EXPECT_EQ(FindKind(kinds_, "boxes.other.test"), nullptr);
  ASSERT_NE(FindKind(kinds_, "lids"), nullptr);
  EXPECT_EQ(FindKind(kinds_, "lids")->crd, "");
  EXPECT_EQ(KindNames(kinds_), "Box (bx), Lid");
}

TEST_F(PlanKindsTest, FindsADocumentOnlyByItsExactVersion) {
  EXPECT_NE(FindKind(kinds_, "boxes.test/v1", "Box"), nullptr);
  EXPECT_EQ(FindKind(kinds_, "boxes.test/v2", "Box"), nullptr);
  EXPECT_EQ(FindKind(kinds_, "v1", "Secret"), nullptr);
}

TEST_F(PlanKindsTest, DistinguishesObjectsFromFiles) {
  auto object = Parse("boxes/a");
  ASSERT_TRUE(object) << object.error();
  ASSERT_NE(object->kind, nullptr);
  EXPECT_EQ(object->name, "a");
  for (const char* file : {"./boxes/a", "box.yaml", "plain", "dir/sub/a.yaml", "-"}) {
    auto subject = Parse(file);
    ASSERT_TRUE(subject) << subject.error();
    EXPECT_EQ(subject->kind, nullptr) << file;
    EXPECT_EQ(subject->path, file);
  }
}

TEST_F(PlanKindsTest, ReportsErrorsInOneSentence) {
  EXPECT_EQ(Refusal("spheres/a"), "no plugin serves the kind \"spheres\"; they serve: Box (bx), Lid");
  EXPECT_EQ(Refusal("none.yaml"), "there is no file none.yaml; an object is named KIND/NAME");
  EXPECT_EQ(Refusal("dir/none.yaml"), "there is no file dir/none.yaml");
  EXPECT_EQ(Refusal("./none"), "there is no file ./none");
  EXPECT_EQ(Refusal("a/b/c"), "there is no file a/b/c");
  EXPECT_EQ(Refusal("bx/Not_A_Name"),
            "\"Not_A_Name\" cannot be the name of a Box; for a file of that name write ./bx/Not_A_Name");
  EXPECT_NE(Refusal("bx/"), "");
  EXPECT_NE(Refusal("bx/a/b"), "");
  EXPECT_NE(Refusal(""), "");
}

}  // namespace
}  // namespace capstan::app
