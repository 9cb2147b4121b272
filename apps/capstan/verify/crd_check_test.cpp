#include <capstan/apps/capstan/verify/crd_check.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::app {
namespace {

using conformance::Finding;
using conformance::Verdict;
using testing::HasSubstr;

external::Manifest Boxes(const std::string& version =
                             R"({"name":"v1","served":true,"storage":true,"schema":)"
                             R"({"openAPIV3Schema":{"properties":{"spec":{"type":"object",)"
                             R"("properties":{"size":{"type":"integer","minimum":1}}}}}}})") {
  external::KindInfo kind;
  kind.group = "boxes.test";
  kind.version = "v1";
  kind.kind = "Box";
  kind.plural = "boxes";
  kind.id_status_field = "boxID";
  kind.plan_status_field = "plan";
  kind.associated_status_field = "extras";
  external::Manifest manifest;
  manifest.name = "boxes";
  manifest.kinds = {kind};
  manifest.crds = {
      StrCat(R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":)",
             R"({"name":"boxes.boxes.test"},"spec":{"group":"boxes.test","scope":"Namespaced",)",
             R"("names":{"kind":"Box","listKind":"BoxList","plural":"boxes"},"versions":[)", version, "]}}")};
  return manifest;
}

std::vector<Finding> Check(const external::Manifest& manifest, const std::string& spec) {
  SimulatedScheduler scheduler;
  const auto random = MakeSeededRandom(2);
  std::vector<Finding> findings;
  Task task = scheduler.Spawn("check", [&](const Context& context) {
    findings = CheckCrd(
        scheduler, *random, manifest, manifest.kinds.at(0),
        StrCat(R"({"apiVersion":"boxes.test/v1","kind":"Box","metadata":{"name":"a"},"spec":)", spec, "}"),
        context);
  });
  EXPECT_TRUE(scheduler.RunUntil([&] { return task.finished(); }));
  return findings;
}

TEST(CrdCheck, ABareCrdIsCompleteOnceTheHostHasMergedItsFields) {
  const auto findings = Check(Boxes(), R"({"size":2})");
  ASSERT_EQ(findings.size(), 3u);
  for (const Finding& one : findings)
    EXPECT_EQ(one.verdict, Verdict::kPassed) << one.check << ": " << one.why;
}

TEST(CrdCheck, ReportsWhatAServerRefuses) {
  auto findings = Check(Boxes(), R"({"size":2,"colour":"red"})");
  EXPECT_EQ(findings.at(1).verdict, Verdict::kFailed);
  EXPECT_THAT(findings.at(1).why, HasSubstr("spec.colour"));
  findings = Check(Boxes(), R"({"size":0})");
  EXPECT_THAT(findings.at(1).why, HasSubstr("spec.size"));
  findings = Check(
      Boxes(R"({"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"properties":{"spec":)"
            R"({"type":"object","properties":{"size":{}}}}}}})"),
      R"({"size":2})");
  EXPECT_EQ(findings.at(0).verdict, Verdict::kFailed) << "a schema that is not structural";
  EXPECT_EQ(findings.at(2).verdict, Verdict::kLeftOut);
}

TEST(CrdCheck, ReportsAKindWithoutACrd) {
  external::Manifest manifest = Boxes();
  manifest.crds.clear();
  const auto findings = Check(manifest, "{}");
  EXPECT_THAT(findings.at(0).why, HasSubstr("has no CRD for Box"));
}

TEST(CrdCheck, NamesTheStatusFieldsOfAProviderThatItsCrdDrops) {
  const external::Manifest manifest = Boxes();
  EXPECT_EQ(UnstorableFields(manifest, manifest.kinds[0], R"({"boxID":"b"})"), "");
  EXPECT_THAT(UnstorableFields(manifest, manifest.kinds[0], R"({"endpoint":"x"})"), HasSubstr("endpoint"));
  EXPECT_THAT(UnstorableFields(manifest, manifest.kinds[0], R"({"boxID":7})"), HasSubstr("boxID"));
}

}  // namespace
}  // namespace capstan::app
