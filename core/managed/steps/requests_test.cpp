// Annotations that request something once: they are carried out, with approval if that destroys,
// and then removed.
#include <capstan/core/base/text.hpp>
#include <capstan/core/external/forwarding.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/testing/managed_test.hpp>
#include <capstan/simulation/box_provider.hpp>

namespace capstan::managed {
namespace {

constexpr char kReset[] = "capstan.dev/reset-count";

// Whether the annotations of the desired document request a reset of "size".
bool AsksForSize(const std::string& desired) {
  const auto document = json::ParseObject(desired);
  const auto annotations = document ? json::ObjectIn(*document, "annotations") : json::ObjectPtr();
  return json::StringIn(annotations, kReset).value_or("").find("size") != std::string::npos;
}

// The size of a box belongs to an autoscaler, unless an annotation requests that of the spec.
class ResettableBox final : public external::ForwardingExternal {
 public:
  using ForwardingExternal::ForwardingExternal;
  Result<external::Plan> MakePlan(const std::string& desired,
                                  const external::Observed& observed) const override {
    CAPSTAN_TRY(external::Plan plan, next().MakePlan(desired, observed));
    if (observed.id.empty()) return plan;
    const auto of_size = [](const external::Step& step) { return step.target == "size"; };
    const auto step = std::find_if(plan.steps.begin(), plan.steps.end(), of_size);
    if (!AsksForSize(desired)) {
      if (step != plan.steps.end()) plan.steps.erase(step);
      plan.differences.clear();
    } else if (step == plan.steps.end()) {
      plan.spent = {StrCat(kReset, "=size"), "metadata.labels/app=web", "nonsense"};
    } else {
      step->consumes = StrCat(kReset, "=size");
    }
    return plan;
  }
};

class ResettableBoxes final : public external::Provider {
 public:
  explicit ResettableBoxes(http::Transport& transport) : boxes_(transport) {}
  const external::Manifest& manifest() const override { return boxes_.manifest(); }
  Result<std::unique_ptr<external::External>> Connect(const std::string& kind,
                                                      const external::Credentials& credentials,
                                                      const Context& context) override {
    CAPSTAN_TRY(auto box, boxes_.Connect(kind, credentials, context));
    return std::unique_ptr<external::External>(std::make_unique<ResettableBox>(std::move(box)));
  }

 private:
  simulation::BoxProvider boxes_;
};

class ResettableCloud final : public simulation::SimulatedBoxes {
 public:
  using SimulatedBoxes::SimulatedBoxes;
  std::unique_ptr<external::Provider> MakeProvider(http::Transport& transport, Scheduler&) const override {
    return std::make_unique<ResettableBoxes>(transport);
  }
};

simulation::WorldOptions Resettable() {
  simulation::WorldOptions options;
  options.make_cloud = [](const auto& setting, const Clock& clock) {
    return std::make_unique<ResettableCloud>(setting, clock);
  };
  return options;
}

class Requests : public ManagedTest {
 protected:
  Requests() : ManagedTest(Resettable()) {}
  void Ask(const std::string& value) {
    ASSERT_TRUE(world.Patch(world.kind, "a",
                            StrCat(R"({"metadata":{"annotations":{")", kReset, "\":\"", value, "\"}}}")));
  }
  std::optional<std::string> Asked() {
    const auto object = world.Get("a");
    const auto value = object ? object->Annotation(kReset) : std::nullopt;
    return value ? std::optional<std::string>(*value) : std::nullopt;
  }
  std::int64_t Size() { return LiveBoxes().at(0).size; }
  void Drift(std::int64_t size) {
    boxes().Resize(LiveBoxes().at(0).id, size);
    world.RunFor(std::chrono::minutes(3));
    ASSERT_EQ(Size(), size) << "it belongs to another owner";
  }
};

TEST_F(Requests, AreCarriedOutOnceAndRemoved) {
  MakeReady();
  Drift(1);
  Ask("size");
  ASSERT_TRUE(world.RunUntil([&] { return !Asked(); }, std::chrono::minutes(5)));
  EXPECT_EQ(Size(), 3);
  ASSERT_TRUE(Becomes("a", "Synced", "True/InSync"));
  Drift(2);
  EXPECT_EQ(Size(), 2) << "it may change freely again";
  EXPECT_EQ(Changes("PUT /boxes"), 1);
}

TEST_F(Requests, WaitForApprovalIfTheyDestroy) {
  MakeReady();
  Drift(7);
  Ask("size");
  ASSERT_TRUE(Becomes("a", "Synced", "False/ApprovalNeeded"));
  EXPECT_EQ(Asked(), "size") << "a refusal does not use it up";
  EXPECT_EQ(Size(), 7);
  const std::string hash = Field("a", "/status/plan/hash");
  ASSERT_TRUE(world.Patch(world.kind, "a",
                          StrCat(R"({"metadata":{"annotations":{"capstan.dev/approve":")", hash, "\"}}}")));
  ASSERT_TRUE(world.RunUntil([&] { return !Asked(); }, std::chrono::minutes(5)));
  EXPECT_EQ(Size(), 3);
}

TEST_F(Requests, ThatAreAlreadyFulfilledAreRemovedAndOthersStay) {
  MakeReady();
  Ask("size, other");
  ASSERT_TRUE(world.RunUntil([&] { return Asked() == "other"; }, std::chrono::minutes(5)))
      << Asked().value_or("");
  EXPECT_EQ(Changes("PUT /boxes"), 0);
}

TEST_F(Requests, StayWhileNothingMayBeChanged) {
  MakeReady();
  Drift(1);
  ASSERT_TRUE(world.Apply("a", R"("managementPolicy":"Observe")"));
  Ask("size");
  ASSERT_TRUE(Becomes("a", "Synced", "False/ObserveOnly"));
  world.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(Asked(), "size");
  EXPECT_EQ(Size(), 1);
}

}  // namespace
}  // namespace capstan::managed
