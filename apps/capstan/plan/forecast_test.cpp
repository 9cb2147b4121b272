#include <capstan/apps/capstan/plan/forecast.hpp>

#include <gtest/gtest.h>

#include <capstan/apps/capstan/plan/text.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/managed/plan_view.hpp>

namespace capstan::app {
namespace {

using external::Observed;
using external::Outcome;

// Returns fixed answers, and fails the test on any request for a change.
class ScriptedCloud final : public external::External {
 public:
  external::Account account{"acc-1", "Team A"};
  std::vector<Observed> objects;
  external::Plan plan;
  mutable std::vector<std::string> planned;  // "id of the observed object" of each MakePlan
  std::string asked_for;                     // the argument of the last Find
  Result<std::vector<external::Associated>> associated = Fail(Code::kUnimplemented, "nothing of that sort");

  Result<external::Account> WhoAmI(const Context&) override { return account; }
  Result<std::vector<Observed>> Find(const external::Identity& identity, const std::string& desired,
                                     const Context&) override {
    asked_for = desired;
    const auto text = [&desired](const char* pointer) {
      const auto value = json::StringAt(desired, pointer);
      return value ? value->value_or("") : std::string();
    };
    const std::string name = text("/spec/name").empty() ? text("/name") : text("/spec/name");
    std::vector<Observed> found;
    for (const auto& item : objects)
      if (item.identity == identity.tag || item.name == name) found.push_back(item);
    return found;
  }
  Result<std::optional<Observed>> Get(const std::string& id, const Context&) override {
    for (const auto& item : objects)
      if (item.id == id) return std::optional<Observed>(item);
    return std::optional<Observed>();
  }
  Result<external::Plan> MakePlan(const std::string&, const Observed& observed) const override {
    planned.push_back(observed.id.empty() ? "nothing" : observed.id);
    return plan;
  }
  Result<std::vector<external::Associated>> ListAssociated(const std::string&, const Context&) override {
    return associated;
  }
  Outcome Create(const external::Identity&, const std::string&, const Context&) override { return Changed(); }
  Outcome Adopt(const std::string&, const external::Identity&, const Context&) override { return Changed(); }
  Outcome Delete(const std::string&, const external::DeleteOptions&, const Context&) override {
    return Changed();
  }
  Outcome Apply(const std::string&, const external::Step&, const external::Identity&,
                const Context&) override {
    return Changed();
  }

 private:
  static Outcome Changed() {
    ADD_FAILURE() << "a plan changed something";
    return {};
  }
};

class ForecastTest : public ::testing::Test {
 protected:
  ForecastTest() {
    info_.group = "boxes.test";
    info_.version = "v1";
    info_.kind = "Box";
    info_.plural = "boxes";
    info_.id_status_field = "boxID";
    kind_.info = info_;
    kind_.names = {"box", "boxes", "bx"};
    external::Step step;
    step.verb = "scale";
    step.target = "parts/web";
    step.why = "spec.count is 3, the part has 2";
    step.monthly_cost_change = 12;
    cloud_.plan.steps.push_back(step);
  }
  static kube::Object Box(const std::string& spec, const std::string& status = "{}",
                          const std::string& annotations = "{}", bool deleting = false) {
    auto object = kube::Object::Parse(
        R"({"metadata":{"name":"a","namespace":"team","uid":"u-1","resourceVersion":"1","annotations":)" +
        annotations +
        (deleting ? R"(,"deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["capstan.dev/cleanup"])"
                  : "") +
        R"(},"spec":)" + spec + R"(,"status":)" + status + "}");
    EXPECT_TRUE(object) << object.error();
    return *object;
  }
  static Observed Seen(const std::string& id, const std::string& name, const std::string& identity) {
    Observed seen;
    seen.id = id;
    seen.name = name;
    seen.identity = identity;
    return seen;
  }
  static std::string Recorded(const std::string& account = "acc-1") {
    return R"({"external":{"id":"c-1","account":")" + account + "\"}}";
  }
  Result<Forecast> Of(const kube::Object& object, bool live = true) {
    return MakeForecast({cloud_, info_, object, live ? &object : nullptr, "capstan-owner:k"}, {});
  }
  Forecast Must(const kube::Object& object, bool live = true) {
    auto forecast = Of(object, live);
    EXPECT_TRUE(forecast) << forecast.error();
    return forecast ? *forecast : Forecast{};
  }
  bool Notes(const Forecast& forecast, const std::string& text) {
    for (const auto& note : forecast.notes)
      if (note.find(text) != std::string::npos) return true;
    return false;
  }

  ScriptedCloud cloud_;
  external::KindInfo info_;
  ServedKind kind_;
};

TEST_F(ForecastTest, PlansAgainstTheRecordedObject) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1")};
  const auto forecast = Must(Box("{}", Recorded()));
  EXPECT_EQ(cloud_.planned, std::vector<std::string>{"c-1"});
  EXPECT_EQ(forecast.plan.steps.size(), 1U);
  EXPECT_EQ(forecast.held, "");
  EXPECT_FALSE(forecast.nothing_to_do());
}

TEST_F(ForecastTest, HasNothingToDoWhenNothingDiffers) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1")};
  cloud_.plan = {};
  EXPECT_TRUE(Must(Box("{}", Recorded())).nothing_to_do());
  EXPECT_TRUE(Must(Box(R"({"managementPolicy":"Observe"})", Recorded())).nothing_to_do());
}

TEST_F(ForecastTest, PlansTheCreationOfAMissingObject) {
  for (const bool live : {false, true}) {
    cloud_.planned.clear();
    const auto forecast = Must(Box("{}"), live);
    EXPECT_EQ(cloud_.planned, std::vector<std::string>{"nothing"});
    EXPECT_FALSE(forecast.observed);
    EXPECT_EQ(forecast.held, "");
  }
}

TEST_F(ForecastTest, SaysThatTheNameIsTaken) {
  cloud_.objects = {Seen("c-9", "a", "")};
  const auto forecast = Must(Box("{}"), false);
  EXPECT_NE(forecast.held.find("c-9"), std::string::npos) << forecast.held;
  // The plan for a creation is still shown.
  EXPECT_EQ(cloud_.planned, std::vector<std::string>{"nothing"});
}

TEST_F(ForecastTest, RecognisesAnUnrecordedObjectByOurTag) {
  cloud_.objects = {Seen("c-8", "a", ""), Seen("c-9", "other", "capstan:u-1")};
  const auto forecast = Must(Box("{}"));
  EXPECT_EQ(cloud_.planned, std::vector<std::string>{"c-9"});
  EXPECT_TRUE(Notes(forecast, "c-9")) << forecast.notes.size();
}

TEST_F(ForecastTest, RefusesAnAccountOtherThanTheRecordedOne) {
  const auto forecast = Of(Box("{}", Recorded("acc-2")));
  ASSERT_FALSE(forecast);
  EXPECT_EQ(forecast.error().code, Code::kFailedPrecondition);
  EXPECT_NE(forecast.error().message.find("acc-2"), std::string::npos);
  EXPECT_NE(forecast.error().message.find("acc-1 (Team A)"), std::string::npos);
  EXPECT_TRUE(cloud_.planned.empty());
}

TEST_F(ForecastTest, DoesNotJudgeAccountsThatCannotBeCompared) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1")};
  EXPECT_TRUE(Of(Box("{}", Recorded("credentials:sha256:1234"))));
  cloud_.account = {};
  const auto forecast = Must(Box("{}", Recorded("acc-2")));
  EXPECT_TRUE(Notes(forecast, "acc-2"));
}

TEST_F(ForecastTest, ReportsALostCloudObject) {
  auto forecast = Must(Box("{}", Recorded()));
  EXPECT_NE(forecast.held.find("recreateIfLost"), std::string::npos);
  EXPECT_TRUE(forecast.plan.steps.empty());
  forecast = Must(Box(R"({"recreateIfLost":true})", Recorded()));
  EXPECT_EQ(forecast.held, "");
  EXPECT_EQ(forecast.plan.steps.size(), 1U);
}

TEST_F(ForecastTest, DoesNotTouchAnObjectWithoutOurTag) {
  cloud_.objects = {Seen("c-1", "a", "capstan:somebody")};
  const auto forecast = Must(Box("{}", Recorded()));
  EXPECT_NE(forecast.held.find("capstan:u-1 but capstan:somebody"), std::string::npos) << forecast.held;
}

TEST_F(ForecastTest, NotesAForeignOwner) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1")};
  cloud_.objects[0].owner = "capstan-owner:other";
  EXPECT_TRUE(Notes(Must(Box("{}", Recorded())), "capstan-owner:other"));
}

TEST_F(ForecastTest, ChangesNothingUnderObserveAndWhilePaused) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1")};
  auto forecast = Must(Box(R"({"managementPolicy":"Observe"})", Recorded()));
  EXPECT_NE(forecast.held.find("Observe"), std::string::npos);
  EXPECT_EQ(forecast.plan.steps.size(), 1U);
  forecast = Must(Box("{}", Recorded(), R"({"capstan.dev/paused":"true"})"));
  EXPECT_NE(forecast.held.find("capstan.dev/paused"), std::string::npos);
}

TEST_F(ForecastTest, SaysThatAnAdoptedObjectIsOnlyObservedEvenWithoutSpecAdopt) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1")};
  const char* adopted = R"({"external":{"id":"c-1","account":"acc-1","adopted":true}})";
  EXPECT_NE(Must(Box("{}", adopted)).held.find("Observe"), std::string::npos);
  EXPECT_EQ(Must(Box(R"({"managementPolicy":"Full"})", adopted)).held, "");
  const auto going = Must(Box("{}", adopted, "{}", true));
  ASSERT_FALSE(going.notes.empty());
  EXPECT_NE(going.notes.back().find("c-1 stays"), std::string::npos) << going.notes.back();
}

TEST_F(ForecastTest, DoesNotPromiseToRecreateAnObservedOrAdoptedObject) {
  for (const char* spec : {R"({"recreateIfLost":true,"managementPolicy":"Observe"})",
                           R"({"recreateIfLost":true,"adopt":{"boxID":"c-1"},"managementPolicy":"Full"})"}) {
    const auto forecast = Must(Box(spec, Recorded()));
    EXPECT_FALSE(Notes(forecast, "makes it again")) << spec;
    EXPECT_NE(forecast.held.find("c-1 is gone"), std::string::npos) << spec;
    EXPECT_TRUE(forecast.plan.steps.empty()) << spec;
  }
}

TEST_F(ForecastTest, SaysThatAnObjectManagesOneCloudObjectForItsWholeLife) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1"), Seen("c-2", "b", "")};
  const auto forecast = Must(Box(R"({"adopt":{"boxID":"c-2"},"managementPolicy":"Full"})", Recorded()));
  EXPECT_NE(forecast.held.find("spec.adopt names c-2"), std::string::npos) << forecast.held;
  EXPECT_EQ(cloud_.planned, std::vector<std::string>{"c-1"});
}

TEST_F(ForecastTest, ComparesOwnersCaseInsensitively) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1")};
  cloud_.objects[0].owner = "Capstan-Owner:K";
  EXPECT_FALSE(Notes(Must(Box("{}", Recorded())), "owner tag"));
}

TEST_F(ForecastTest, PlansAnAdoptionByIdAndByName) {
  cloud_.objects = {Seen("c-7", "old-cluster", "")};
  for (const char* adopt : {R"({"adopt":{"boxID":"c-7"}})", R"({"adopt":{"name":"old-cluster"}})"}) {
    cloud_.planned.clear();
    const auto forecast = Must(Box(adopt), false);
    EXPECT_EQ(cloud_.planned, std::vector<std::string>{"c-7"}) << adopt;
    EXPECT_TRUE(Notes(forecast, "adopted"));
    EXPECT_NE(forecast.held.find("Observe"), std::string::npos)
        << "an adoption only looks, until it is told otherwise";
  }
  const auto full = Must(Box(R"({"adopt":{"boxID":"c-7"},"managementPolicy":"Full"})"), false);
  EXPECT_EQ(full.held, "");
}

TEST_F(ForecastTest, AdoptsTheObjectWithOurTagWhateverItsNameIs) {
  cloud_.objects = {Seen("c-7", "twin", ""), Seen("c-8", "renamed", "capstan:u-1")};
  (void)Must(Box(R"({"adopt":{"name":"twin"}})"));
  EXPECT_EQ(cloud_.planned, std::vector<std::string>{"c-8"});
}

TEST_F(ForecastTest, SaysWhyAnAdoptionIsImpossible) {
  auto forecast = Must(Box(R"({"adopt":{"boxID":"c-7"}})"), false);
  EXPECT_NE(forecast.held.find("c-7, which the account does not have"), std::string::npos);
  EXPECT_TRUE(cloud_.planned.empty()) << "nothing would be made instead";
  cloud_.objects = {Seen("c-7", "twin", ""), Seen("c-8", "twin", "")};
  forecast = Must(Box(R"({"adopt":{"name":"twin"}})"), false);
  EXPECT_NE(forecast.held.find("2 cloud objects named twin"), std::string::npos);
  cloud_.objects = {Seen("c-7", "taken", "capstan:other")};
  forecast = Must(Box(R"({"adopt":{"name":"taken"}})"), false);
  EXPECT_TRUE(Notes(forecast, "capstan:other"));
}

TEST_F(ForecastTest, RecognisesARestoredObjectByItsAnnotation) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-0")};
  const char* mirror = R"({"capstan.dev/external":"{\"id\":\"c-1\",\"account\":\"acc-1\",\"uid\":\"u-0\"}"})";
  auto forecast = Must(Box("{}", "{}", mirror));
  EXPECT_NE(forecast.held.find("stood for c-1 before"), std::string::npos) << forecast.held;
  forecast = Must(Box(R"({"adopt":{"boxID":"c-1"},"managementPolicy":"Full"})", "{}", mirror));
  EXPECT_EQ(forecast.held, "");
  // The object that spec.adopt names counts.
  forecast = Must(Box(R"({"adopt":{"name":"a"},"managementPolicy":"Full"})", "{}", mirror));
  EXPECT_EQ(forecast.held, "");
  // A user wrote the bare id.
  forecast = Must(Box("{}", "{}", R"({"capstan.dev/external":"c-1"})"));
  EXPECT_NE(forecast.held.find("stood for c-1 before"), std::string::npos) << forecast.held;
  // The same object, which only lost its status.
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1")};
  forecast = Must(Box(
      "{}", "{}", R"({"capstan.dev/external":"{\"id\":\"c-1\",\"account\":\"acc-1\",\"uid\":\"u-1\"}"})"));
  EXPECT_EQ(forecast.held, "");
  EXPECT_EQ(cloud_.planned.back(), "c-1");
}

TEST_F(ForecastTest, SaysWhatHappensToTheClusterOfADeletedObject) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1")};
  const auto words = [this](const std::string& spec, const std::string& status) {
    const auto forecast = Must(Box(spec, status, "{}", true));
    EXPECT_TRUE(forecast.removal);
    EXPECT_FALSE(forecast.nothing_to_do());
    EXPECT_TRUE(cloud_.planned.empty());
    return forecast.notes.empty() ? "" : forecast.notes.back();
  };
  EXPECT_NE(words("{}", Recorded()).find("c-1 is removed"), std::string::npos);
  EXPECT_NE(words(R"({"deletionPolicy":"Retain"})", Recorded()).find("c-1 stays"), std::string::npos);
  EXPECT_NE(words(R"({"adopt":{"name":"x"}})", Recorded()).find("c-1 stays"), std::string::npos);
  EXPECT_NE(words(R"({"managementPolicy":"Observe"})", Recorded()).find("Observe"), std::string::npos);
  EXPECT_NE(words(R"({"deletionProtection":true})", Recorded()).find("deletionProtection"),
            std::string::npos);
  EXPECT_NE(words("{}", "{}").find("no recorded cloud object"), std::string::npos);
}

TEST_F(ForecastTest, NotesWhatRemainsAndItsCostBeforeAndDuringADeletion) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1")};
  cloud_.associated = std::vector<external::Associated>{{"loadBalancers", "lb-1", "web", 12},
                                                        {"volumes", "v-1", "pvc-1", 2.5},
                                                        {"volumeSnapshots", "s-1", "", 0}};
  EXPECT_TRUE(Notes(Must(Box("{}", Recorded())),
                    "when this object is deleted, these stay behind and keep costing money: loadBalancers "
                    "lb-1 (web), 12.00 a month; volumes v-1 (pvc-1), 2.50 a month; volumeSnapshots s-1; see "
                    "spec.associatedResources"));
  const auto some = Must(Box(R"({"associatedResources":{"loadBalancers":true}})", Recorded(), "{}", true));
  EXPECT_TRUE(Notes(some, "these stay behind and keep costing money: volumes v-1 (pvc-1), 2.50 a month"));
  EXPECT_TRUE(Notes(some, "these go with it: loadBalancers lb-1 (web), 12.00 a month"));
  const auto all = Must(Box(R"({"associatedResources":"Delete"})", Recorded()));
  EXPECT_FALSE(Notes(all, "stay behind"));
  for (const char* kept : {R"({"deletionPolicy":"Retain"})", R"({"managementPolicy":"Observe"})"})
    EXPECT_FALSE(Notes(Must(Box(kept, Recorded())), "lb-1")) << "the cloud object stays too: " << kept;
}

TEST_F(ForecastTest, SaysThatItCannotListWhatRemains) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1")};
  cloud_.associated = Fail(Code::kPermissionDenied, "you are missing kubernetes:delete");
  EXPECT_TRUE(Notes(Must(Box("{}", Recorded())), "cannot be listed: you are missing kubernetes:delete"));
  cloud_.associated = Fail(Code::kUnimplemented, "nothing of that sort");
  EXPECT_FALSE(Notes(Must(Box("{}", Recorded())), "cannot be listed"));
}

TEST_F(ForecastTest, DoesNotCallAnObjectMissingWhileItIsBeingDeleted) {
  const auto object = Box("{}", Recorded(), "{}", true);
  const std::string text = ForecastToText({kind_, object.key(), true}, Must(object));
  EXPECT_EQ(text,
            "Box team/a: being deleted; in account Team A (acc-1)\n"
            "Note: the object is being deleted; cloud object c-1 is removed.\n");
}

TEST_F(ForecastTest, NotesAnUnfinishedAttempt) {
  const auto forecast = Must(Box("{}", R"({"external":{"pending":{"step":"create","account":"acc-1"}}})"));
  EXPECT_TRUE(Notes(forecast, "(create) has an unknown outcome"));
}

TEST_F(ForecastTest, ShowsHowToApproveADestructivePlan) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1")};
  cloud_.plan.steps[0].destroys = true;
  const std::string hash = managed::PlanHash(cloud_.plan);
  auto object = Box("{}", Recorded());
  auto text = ForecastToText({kind_, object.key(), true}, Must(object));
  EXPECT_NE(text.find("kubectl annotate bx/a -n team --overwrite capstan.dev/approve=" + hash),
            std::string::npos)
      << text;
  object = Box("{}", Recorded(), R"({"capstan.dev/approve":")" + hash + "\"}");
  text = ForecastToText({kind_, object.key(), true}, Must(object));
  EXPECT_EQ(text.find("kubectl annotate"), std::string::npos) << text;
  EXPECT_NE(text.find("is approved"), std::string::npos);
  EXPECT_TRUE(Must(Box(R"({"allowDestructive":true})", Recorded())).approved);
  EXPECT_FALSE(Must(Box("{}", Recorded(), R"({"capstan.dev/approve":"another"})")).approved);
}

TEST_F(ForecastTest, AcceptsAnApprovalOfALargerPlan) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1")};
  cloud_.plan.steps[0].destroys = true;
  const std::string left = managed::DestructionHashes(cloud_.plan)[0];
  const auto status = [](const std::string& given, const std::string& covered) {
    return R"({"external":{"id":"c-1","account":"acc-1","approval":")" + given + R"(","approved":["done",")" +
           covered + R"("]}})";
  };
  const char* annotated = R"({"capstan.dev/approve":"whole"})";
  EXPECT_TRUE(Must(Box("{}", status("whole", left), annotated)).approved);
  EXPECT_FALSE(Must(Box("{}", status("whole", "else"), annotated)).approved);
  EXPECT_FALSE(Must(Box("{}", status("former", left), annotated)).approved);
  EXPECT_FALSE(Must(Box("{}", status("whole", left))).approved);
}

TEST_F(ForecastTest, IsCompleteAsJson) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1")};
  const auto object = Box(R"({"managementPolicy":"Observe"})", Recorded());
  const std::string text = ForecastToJson({kind_, object.key(), true}, Must(object));
  const auto at = [&text](const char* pointer) {
    const auto value = json::StringAt(text, pointer);
    return value ? value->value_or("absent") : std::string("no JSON");
  };
  EXPECT_EQ(at("/kind"), "Box");
  EXPECT_EQ(at("/name"), "a");
  EXPECT_EQ(at("/namespace"), "team");
  EXPECT_EQ(at("/account/id"), "acc-1");
  EXPECT_EQ(at("/id"), "c-1");
  EXPECT_EQ(at("/plan/steps/0/target"), "parts/web");
  EXPECT_NE(at("/held").find("Observe"), std::string::npos);
  EXPECT_EQ(json::ValueAt(text, "/changes").value().value_or(""), "true");
}

TEST_F(ForecastTest, SaysInWordsThatThereIsNothingToDo) {
  cloud_.objects = {Seen("c-1", "a", "capstan:u-1")};
  cloud_.plan = {};
  const auto object = Box("{}", Recorded());
  const std::string text = ForecastToText({kind_, object.key(), true}, Must(object));
  EXPECT_NE(text.find("nothing to do"), std::string::npos) << text;
  EXPECT_NE(text.find("Box team/a: c-1 (a) in account Team A (acc-1)"), std::string::npos) << text;
}

}  // namespace
}  // namespace capstan::app
