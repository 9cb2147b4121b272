#include <capstan/core/runtime/finalizer.hpp>

#include <capstan/core/runtime/testing/runtime_fixture.hpp>

namespace capstan::runtime {
namespace {

class FinalizerTest : public RuntimeFixture {
 protected:
  kube::Object Read(const std::string& name) {
    return *kube::Object::Parse(api_.Get(WidgetKind(), "", name));
  }
};

TEST_F(FinalizerTest, AddingKeepsTheFinalizersOfOthersAndHappensOnce) {
  api_.Apply(WidgetKind(), Widget("a", 1, R"(,"finalizers":["other/one"])"));
  Do([&](const Context& context) {
    const auto added = AddFinalizer(client_, WidgetKind(), Read("a"), "capstan.dev/x", context);
    ASSERT_TRUE(added);
    EXPECT_EQ(added->metadata().finalizers, (std::vector<std::string>{"other/one", "capstan.dev/x"}));
    ASSERT_TRUE(AddFinalizer(client_, WidgetKind(), *added, "capstan.dev/x", context));
  });
  EXPECT_EQ(api_.CountRequests("patch"), 1);
}

TEST_F(FinalizerTest, AnObjectThatAnotherWriterChangedIsAConflictAndKeepsItsFinalizer) {
  api_.Apply(WidgetKind(), Widget("a"));
  const kube::Object stale = Read("a");
  api_.Apply(WidgetKind(), Widget("a", 1, R"(,"finalizers":["other/one"])"));
  Do([&](const Context& context) {
    const auto added = AddFinalizer(client_, WidgetKind(), stale, "capstan.dev/x", context);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, Code::kConflict);
  });
  EXPECT_EQ(Read("a").metadata().finalizers, std::vector<std::string>{"other/one"});
}

TEST_F(FinalizerTest, NoneIsAddedToAnObjectThatIsBeingDeleted) {
  api_.Apply(WidgetKind(),
             Widget("a", 1, R"(,"finalizers":["other/one"],"deletionTimestamp":"2026-01-01T00:00:00Z")"));
  Do([&](const Context& context) {
    const auto added = AddFinalizer(client_, WidgetKind(), Read("a"), "capstan.dev/x", context);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, Code::kFailedPrecondition);
  });
  EXPECT_EQ(api_.CountRequests("patch"), 0);
}

TEST_F(FinalizerTest, RemovingTheLastFinalizerDeletesTheObject) {
  api_.Apply(WidgetKind(),
             Widget("a", 1, R"(,"finalizers":["capstan.dev/x"],"deletionTimestamp":"2026-01-01T00:00:00Z")"));
  Do([&](const Context& context) {
    const kube::Object object = Read("a");
    const auto removed = RemoveFinalizer(client_, WidgetKind(), object, "capstan.dev/x", context);
    ASSERT_TRUE(removed);
    EXPECT_FALSE(removed->has_value());
    const auto again = RemoveFinalizer(client_, WidgetKind(), object, "capstan.dev/x", context);
    ASSERT_TRUE(again) << "gone already is gone";
    EXPECT_FALSE(again->has_value());
  });
  EXPECT_EQ(api_.Count(WidgetKind()), 0u);
}

TEST_F(FinalizerTest, RemovingKeepsTheFinalizersOfOthers) {
  api_.Apply(
      WidgetKind(),
      Widget("a", 1,
             R"(,"finalizers":["other/one","capstan.dev/x"],"deletionTimestamp":"2026-01-01T00:00:00Z")"));
  Do([&](const Context& context) {
    const auto removed = RemoveFinalizer(client_, WidgetKind(), Read("a"), "capstan.dev/x", context);
    ASSERT_TRUE(removed && removed->has_value());
    EXPECT_EQ((*removed)->metadata().finalizers, std::vector<std::string>{"other/one"});
  });
}

}  // namespace
}  // namespace capstan::runtime
