#include <capstan/core/managed/crd.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/scan.hpp>

namespace capstan::managed {
namespace {

using testing::HasSubstr;

external::Manifest Boxes() {
  external::KindInfo kind;
  kind.group = "boxes.test";
  kind.version = "v1";
  kind.kind = "Box";
  kind.plural = "boxes";
  kind.credentials_field = "spec.tokenSecret";
  kind.connection_secret_field = "spec.keySecret";
  kind.id_status_field = "boxID";
  kind.phase_status_field = "progress";
  kind.plan_status_field = "plan";
  external::Manifest manifest;
  manifest.name = "boxes";
  manifest.kinds = {kind};
  return manifest;
}

std::string Crd(const std::string& spec, const std::string& status = "{}",
                const std::string& name = "boxes.boxes.test") {
  return StrCat(
      R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":")",
      name,
      R"("},"spec":{"group":"boxes.test","scope":"Namespaced","names":{"kind":"Box","plural":"boxes"},)",
      R"("versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"properties":{)",
      R"("spec":{"type":"object","properties":)", spec, R"(},"status":{"type":"object","properties":)",
      status, "}}}}}]}}");
}

std::string At(const std::string& crd, const std::string& pointer) {
  return json::ValueAt(crd, "/spec/versions/0" + pointer).value_or(std::nullopt).value_or("");
}

TEST(CompleteCrd, AddsWhatTheOperatorReadsAndWrites) {
  const auto crd = CompleteCrd(Crd(R"({"size":{"type":"integer"}})"), Boxes());
  ASSERT_TRUE(crd) << crd.error();
  const std::string root = "/schema/openAPIV3Schema/properties";
  for (const char* field :
       {"deletionPolicy", "deletionProtection", "managementPolicy", "adopt", "allowDestructive",
        "recreateIfLost", "createTimeoutSeconds", "tokenSecret", "keySecret", "size"})
    EXPECT_NE(At(*crd, StrCat(root, "/spec/properties/", field)), "") << field;
  EXPECT_EQ(At(*crd, root + "/spec/properties/associatedResources"), "") << "the kind lists none";
  EXPECT_NE(At(*crd, root + "/spec/properties/adopt/properties/boxID"), "");
  for (const char* field : {"external", "conditions", "observedGeneration", "boxID", "progress", "plan"})
    EXPECT_NE(At(*crd, StrCat(root, "/status/properties/", field)), "") << field;
  EXPECT_EQ(At(*crd, "/subresources"), R"({"status":{}})");
  EXPECT_THAT(At(*crd, "/additionalPrinterColumns"),
              testing::AllOf(HasSubstr("\"Ready\""), HasSubstr("\"Synced\""), HasSubstr("\"Age\""),
                             HasSubstr(".status.boxID")));
  EXPECT_EQ(json::StringAt(*crd, "/metadata/labels/capstan.dev~1plugin").value_or(std::nullopt), "boxes");
}

TEST(CompleteCrd, LeavesACompleteCrdUnchanged) {
  const auto once = CompleteCrd(Crd("{}"), Boxes());
  ASSERT_TRUE(once) << once.error();
  const auto twice = CompleteCrd(*once, Boxes());
  ASSERT_TRUE(twice) << twice.error();
  EXPECT_TRUE(json::Equal(json::ParseTree(*once).value(), json::ParseTree(*twice).value()));
}

TEST(CompleteCrd, AFieldThatMeansTheSameKeepsTheProvidersDescription) {
  const auto crd = CompleteCrd(
      Crd(R"({"deletionPolicy":{"type":"string","description":"Mine.","enum":["Delete","Retain","Snapshot"]}})",
          R"({"plan":{"type":"object","properties":{"mine":{"type":"string"}}}})"),
      Boxes());
  ASSERT_TRUE(crd) << crd.error();
  const std::string root = "/schema/openAPIV3Schema/properties";
  EXPECT_THAT(At(*crd, root + "/spec/properties/deletionPolicy"),
              testing::AllOf(HasSubstr("Mine."), HasSubstr("Snapshot")));
  EXPECT_NE(At(*crd, root + "/status/properties/plan/properties/mine"), "");
  EXPECT_NE(At(*crd, root + "/status/properties/plan/properties/steps"), "") << "missing parts are added";
}

TEST(CompleteCrd, AddsALaterChoiceToAnOlderCrd) {
  const auto crd = CompleteCrd(
      Crd(R"({"managementPolicy":{"type":"string","enum":["Full","Observe"],"description":"theirs"}})"),
      Boxes());
  ASSERT_TRUE(crd) << crd.error();
  EXPECT_EQ(At(*crd, "/schema/openAPIV3Schema/properties/spec/properties/managementPolicy/enum"),
            R"(["Full","Observe","ReadOnly"])");
}

TEST(CompleteCrd, AConflictingFieldIsRefusedByName) {
  const std::tuple<std::string, std::string, const char*> rows[] = {
      {R"({"deletionPolicy":{"type":"integer"}})", "{}", "spec.deletionPolicy"},
      {R"({"managementPolicy":{"type":"string","enum":["Full"]}})", "{}", "its choices lack Observe"},
      {R"({"adopt":{"type":"string"}})", "{}", "spec.adopt"},
      {R"({"tokenSecret":{"type":"object"}})", "{}", "spec.tokenSecret"},
      {"{}", R"({"external":{"type":"object"}})", "status.external"},
      {"{}", R"({"conditions":{"type":"object"}})", "status.conditions"},
      {"{}", R"({"boxID":{"type":"integer"}})", "status.boxID"},
  };
  for (const auto& [spec, status, why] : rows) {
    const auto crd = CompleteCrd(Crd(spec, status), Boxes());
    ASSERT_FALSE(crd) << why;
    EXPECT_EQ(crd.error().code, Code::kInvalidArgument);
    EXPECT_THAT(crd.error().message, testing::AllOf(HasSubstr("boxes.boxes.test"), HasSubstr(why)));
  }
}

TEST(CompleteCrd, NameAndVersionAreThoseOfTheManifest) {
  EXPECT_THAT(CompleteCrd(Crd("{}", "{}", "box.boxes.test"), Boxes()).error().message,
              HasSubstr("must be called boxes.boxes.test"));
  external::Manifest later = Boxes();
  later.kinds[0].version = "v2";
  EXPECT_THAT(CompleteCrd(Crd("{}"), later).error().message, HasSubstr("does not serve the version v2"));
  external::Manifest other = Boxes();
  other.kinds[0].kind = "Crate";
  EXPECT_EQ(CompleteCrd(Crd("{}"), other).value_or(""), Crd("{}")) << "none of our kinds";
}

}  // namespace
}  // namespace capstan::managed
