#include <capstan/core/managed/policy.hpp>

#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/plan_view.hpp>

namespace capstan::managed {
namespace {

kube::Object With(const std::string& spec) {
  auto object = kube::Object::Parse(
      StrCat(R"({"apiVersion":"v1","kind":"Box","metadata":{"name":"a","uid":"u"},"spec":{)", spec, "}}"));
  EXPECT_TRUE(object) << spec;
  return *object;
}
Record Adopted() {
  Record record;
  record.id = "box-1";
  record.adopted = true;
  return record;
}

struct PolicyCase {
  const char* why;
  const char* spec;
  bool observes, retains;
};

TEST(Policy, FollowsTheSpecAndIsCarefulByDefaultAfterAnAdoption) {
  for (const PolicyCase& c : {
           PolicyCase{"nothing is said", "", false, false},
           PolicyCase{"adopt is not there", R"("adopt":null)", false, false},
           PolicyCase{"an adoption", R"("adopt":{"name":"x"})", true, true},
           PolicyCase{"an adoption with all rights",
                      R"("adopt":{"name":"x"},"managementPolicy":"Full","deletionPolicy":"Delete")", false,
                      false},
           PolicyCase{"no adoption, only looked at",
                      R"("managementPolicy":"Observe","deletionPolicy":"Retain")", true, true},
           PolicyCase{"a policy of another version", R"("managementPolicy":"ObserveOnly")", true, false},
           PolicyCase{"a reference, whatever else is said",
                      R"("managementPolicy":"ReadOnly","deletionPolicy":"Delete")", true, false},
           PolicyCase{"a policy misspelt", R"("managementPolicy":"full")", true, false},
       }) {
    EXPECT_EQ(ObservesOnly(With(c.spec), Record()), c.observes) << c.why;
    EXPECT_EQ(Retains(With(c.spec), Record()), c.retains) << c.why;
  }
}

TEST(Policy, StaysCarefulAfterAnAdoptionWhenSpecAdoptIsRemoved) {
  EXPECT_TRUE(ObservesOnly(With(""), Adopted()));
  EXPECT_TRUE(Retains(With(""), Adopted()));
  EXPECT_FALSE(ObservesOnly(With(R"("managementPolicy":"Full")"), Adopted()));
  EXPECT_FALSE(Retains(With(R"("deletionPolicy":"Delete")"), Adopted()));
}

external::Plan Removing(const std::vector<std::string>& targets) {
  external::Plan plan;
  for (const auto& target : targets) {
    external::Step step{"remove", target, "the spec does not name it"};
    step.destroys = true;
    plan.steps.push_back(step);
  }
  return plan;
}

TEST(Policy, ApprovesOnlyWhatTheHashWasGivenFor) {
  const auto given = [](const external::Plan& plan) {
    auto object = kube::Object::Parse(
        StrCat(R"({"apiVersion":"v1","kind":"Box","metadata":{"name":"a","uid":"u","annotations":{)",
               R"("capstan.dev/approve":")", PlanHash(plan), R"("}},"spec":{}})"));
    EXPECT_TRUE(object);
    return *object;
  };
  const auto both = Removing({"x", "y"});
  EXPECT_TRUE(Approves(given(both), Record(), both));
  EXPECT_FALSE(Approves(given(both), Record(), Removing({"x"}))) << "neither of the two was approved alone";
  EXPECT_FALSE(Approves(given(both), Record(), Removing({"x", "y", "z"})));
  EXPECT_FALSE(Approves(given(Removing({"x"})), Record(), both));
  EXPECT_FALSE(Approves(With(""), Record(), both));

  Record begun;  // the first of the two is being removed
  begun.approval = PlanHash(both);
  begun.approved = DestructionHashes(both);
  EXPECT_TRUE(Approves(given(both), begun, Removing({"y"})));
  EXPECT_FALSE(Approves(given(both), begun, Removing({"y", "z"}))) << "one more than approved";
  EXPECT_FALSE(Approves(given(both), begun, Removing({"z"})));
  EXPECT_FALSE(Approves(With(""), begun, Removing({"y"}))) << "the approval was withdrawn";
  EXPECT_FALSE(Approves(given(Removing({"z"})), begun, Removing({"y"}))) << "and another one was given";
}

TEST(Policy, RecreatesOnlyItsOwnAndOnlyWhenAsked) {
  const auto makes = [](const char* spec) {
    return RecreatesLost(With(spec), Record(), external::KindInfo());
  };
  EXPECT_FALSE(makes(""));
  EXPECT_TRUE(makes(R"("recreateIfLost":true)"));
  EXPECT_FALSE(makes(R"("recreateIfLost":true,"managementPolicy":"Observe")"));
  EXPECT_FALSE(makes(R"("recreateIfLost":true,"managementPolicy":"Full","adopt":{"name":"x"})"));
}

TEST(Policy, AReadOnlyObjectRefersToSpecAdoptThenToSpecNameThenToItsOwnName) {
  external::KindInfo info;
  info.id_status_field = "boxID";
  const auto of = [&](const std::string& spec) {
    const AdoptionRequest requested = Reference(With(R"("managementPolicy":"ReadOnly")" + spec), info);
    return requested.id + "|" + requested.name;
  };
  EXPECT_EQ(of(""), "|a");
  EXPECT_EQ(of(R"(,"name":"b")"), "|b");
  EXPECT_EQ(of(R"(,"name":"b","adopt":{"name":"c"})"), "|c");
  EXPECT_EQ(of(R"(,"name":"b","adopt":{"boxID":"box-1"})"), "box-1|");
  EXPECT_TRUE(RefersOnly(With(R"("managementPolicy":"ReadOnly")")));
  EXPECT_FALSE(RefersOnly(With(R"("managementPolicy":"readonly")")));
  EXPECT_FALSE(RefersOnly(With(R"("managementPolicy":"Observe")")));
}

TEST(Policy, ACreateMayTakeAsLongAsTheSpecThenTheKindSaysOrHalfAnHour) {
  external::KindInfo info;
  EXPECT_EQ(CreateTimeout(With(""), info), std::chrono::minutes(30));
  info.creating_limit = std::chrono::minutes(45);
  EXPECT_EQ(CreateTimeout(With(""), info), std::chrono::minutes(45));
  EXPECT_EQ(CreateTimeout(With(R"("createTimeoutSeconds":600)"), info), std::chrono::minutes(10));
  EXPECT_EQ(CreateTimeout(With(R"("createTimeoutSeconds":1)"), info), std::chrono::minutes(45))
      << "an invalid value has no effect";
  EXPECT_EQ(CreateTimeout(With(R"("createTimeoutSeconds":86401)"), info), std::chrono::minutes(45));
}

TEST(InvalidCoreField, IsEveryCoreFieldWithAnInvalidValue) {
  external::KindInfo info;
  info.id_status_field = "boxID";
  info.associated_kinds = {"disks"};
  const auto of = [&](const std::string& spec) {
    return InvalidCoreField(
        kube::Object::Parse(R"({"metadata":{"name":"a","uid":"u"},"spec":)" + spec + "}").value(), info);
  };
  for (const char* spec :
       {"{}", R"({"managementPolicy":"Full"})", R"({"managementPolicy":"Observe","deletionPolicy":"Retain"})",
        R"({"deletionPolicy":"Delete","deletionProtection":true,"recreateIfLost":false})",
        R"({"adopt":{"boxID":"b"}})", R"({"adopt":{"name":"n"}})", R"({"adopt":null})",
        R"({"associatedResources":"Keep"})", R"({"associatedResources":"Delete"})",
        R"({"associatedResources":{"disks":true}})", R"({"associatedResources":{"disks":["d1"]}})",
        R"({"associatedResources":{}})", R"({"anythingElse":7})", R"({"adopt":{"boxID":"b","name":null}})",
        R"({"deletionPolicy":null})", R"({"managementPolicy":"ReadOnly","createTimeoutSeconds":60})",
        R"({"createTimeoutSeconds":86400})", R"({"createTimeoutSeconds":null})", "null"})
    EXPECT_EQ(of(spec), "") << spec;
  for (const auto& [spec, field] : std::vector<std::pair<std::string, std::string>>{
           {R"({"managementPolicy":"observe"})", "spec.managementPolicy"},
           {R"({"managementPolicy":1})", "spec.managementPolicy"},
           {R"({"managementPolicy":"read-only"})", "spec.managementPolicy"},
           {R"({"createTimeoutSeconds":59})", "spec.createTimeoutSeconds"},
           {R"({"createTimeoutSeconds":-60})", "spec.createTimeoutSeconds"},
           {R"({"createTimeoutSeconds":86401})", "spec.createTimeoutSeconds"},
           {R"({"createTimeoutSeconds":90.5})", "spec.createTimeoutSeconds"},
           {R"({"createTimeoutSeconds":"30m"})", "spec.createTimeoutSeconds"},
           {R"({"createTimeoutSeconds":true})", "spec.createTimeoutSeconds"},
           {R"({"deletionPolicy":"Retian"})", "spec.deletionPolicy"},
           {R"({"deletionPolicy":["Retain"]})", "spec.deletionPolicy"},
           {R"({"deletionProtection":"true"})", "spec.deletionProtection"},
           {R"({"recreateIfLost":1})", "spec.recreateIfLost"},
           {R"({"allowDestructive":"yes"})", "spec.allowDestructive"},
           {R"({"adopt":{"boxId":"b"}})", "spec.adopt"},
           {R"({"adopt":{}})", "spec.adopt"},
           {R"({"managementPolicy":""})", "spec.managementPolicy"},
           {R"({"deletionPolicy":""})", "spec.deletionPolicy"},
           {R"({"deletionPolicy":" Retain"})", "spec.deletionPolicy"},
           {R"({"deletionProtection":""})", "spec.deletionProtection"},
           {R"({"adopt":""})", "spec.adopt"},
           {R"({"adopt":{"name":""}})", "spec.adopt"},
           {R"({"adopt":{"boxID":null}})", "spec.adopt"},
           {R"({"adopt":{"boxID":"b","name":"n"}})", "spec.adopt"},
           {R"({"associatedResources":""})", "spec.associatedResources"},
           {R"("Retain")", "spec is"},
           {"[]", "spec is"},
           {R"({"adopt":"b"})", "spec.adopt"},
           {R"({"adopt":{"boxID":7}})", "spec.adopt"},
           {R"({"associatedResources":"delete"})", "spec.associatedResources"},
           {R"({"associatedResources":{"Disks":true}})", "spec.associatedResources"},
           {R"({"associatedResources":{"disks":"true"}})", "spec.associatedResources"},
           {R"({"associatedResources":{"disks":[1]}})", "spec.associatedResources"},
           {R"({"associatedResources":true})", "spec.associatedResources"}})
    EXPECT_EQ(of(spec).rfind(field, 0), 0u) << spec << ": " << of(spec);
}

}  // namespace
}  // namespace capstan::managed
