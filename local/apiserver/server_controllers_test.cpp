// Background work: garbage collection and deletion of namespaces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/testing/server_fixture.hpp>

namespace capstan::apiserver {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";

class ControllersTest : public ServerTest {
 protected:
  std::string Uid(const std::string& name) { return At(Get(StrCat(kMaps, "/", name)), "/metadata/uid"); }
  void Make(const std::string& name, const std::string& owner = "", const std::string& uid = "") {
    std::string owners =
        owner.empty()
            ? ""
            : StrCat(R"(,"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":")", owner,
                     R"(","uid":")", uid.empty() ? Uid(owner) : uid, R"(","blockOwnerDeletion":true}])");
    http::Response made = Post(kMaps, StrCat(R"({"metadata":{"name":")", name, "\"", owners, "}}"));
    ASSERT_EQ(made.status, 201) << made.body;
  }
  bool Exists(const std::string& name) { return Get(StrCat(kMaps, "/", name)).status == 200; }
  // Leaves a child whose owner is gone and a namespace that is being deleted, with the controllers
  // disabled.
  void LeaveWorkWithoutControllers() {
    ApiServerOptions options;
    options.garbage_collection = false;
    options.namespace_emptying = false;
    Restart(options);
    Make("owner");
    Make("child", "owner");
    Delete(StrCat(kMaps, "/owner"));
    Post("/api/v1/namespaces", R"({"metadata":{"name":"n"}})");
    Delete("/api/v1/namespaces/n");
  }
};

TEST_F(ControllersTest, DeleteDependentsAfterTheirOwner) {
  Make("owner");
  Make("child", "owner");
  Make("grandchild", "child");
  Delete(StrCat(kMaps, "/owner"));
  scheduler.RunFor(seconds(1));
  EXPECT_FALSE(Exists("child"));
  EXPECT_FALSE(Exists("grandchild"));
}

TEST_F(ControllersTest, DeleteAnObjectWhoseOwnerNeverExisted) {
  Make("child", "owner", "5a0b1f0e-0000-4000-8000-000000000000");
  scheduler.RunFor(seconds(1));
  EXPECT_FALSE(Exists("child"));
}

TEST_F(ControllersTest, KeepAnObjectWithAnotherOwnerAndRemoveTheLostReference) {
  Make("one");
  Make("two");
  Post(
      kMaps,
      StrCat(
          R"({"metadata":{"name":"child","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"one","uid":")",
          Uid("one"), R"("},{"apiVersion":"v1","kind":"ConfigMap","name":"two","uid":")", Uid("two"),
          "\"}]}}"));
  Delete(StrCat(kMaps, "/one"));
  scheduler.RunFor(seconds(1));
  http::Response child = Get(StrCat(kMaps, "/child"));
  EXPECT_EQ(At(child, "/metadata/ownerReferences/0/name"), "two");
  EXPECT_EQ(At(child, "/metadata/ownerReferences/1"), "");
}

TEST_F(ControllersTest, InTheForegroundDeleteTheOwnerLast) {
  Make("owner");
  Make("child", "owner");
  Merge(StrCat(kMaps, "/child"), R"({"metadata":{"finalizers":["example.com/x"]}})");
  Delete(StrCat(kMaps, "/owner"), R"({"propagationPolicy":"Foreground"})");
  scheduler.RunFor(seconds(1));
  EXPECT_NE(At(Get(StrCat(kMaps, "/child")), "/metadata/deletionTimestamp"), "");
  EXPECT_TRUE(Exists("owner"));
  Merge(StrCat(kMaps, "/child"), R"({"metadata":{"finalizers":null}})");
  scheduler.RunFor(seconds(1));
  EXPECT_FALSE(Exists("child"));
  EXPECT_FALSE(Exists("owner"));
}

TEST_F(ControllersTest, OrphanDependentsWhenTheDeletionSaysSo) {
  Make("owner");
  Make("child", "owner");
  Delete(StrCat(kMaps, "/owner"), R"({"propagationPolicy":"Orphan"})");
  scheduler.RunFor(seconds(1));
  EXPECT_FALSE(Exists("owner"));
  EXPECT_TRUE(Exists("child"));
  EXPECT_EQ(At(Get(StrCat(kMaps, "/child")), "/metadata/ownerReferences"), "");
}

TEST_F(ControllersTest, CanBeDisabled) {
  LeaveWorkWithoutControllers();
  scheduler.RunFor(seconds(60));
  EXPECT_TRUE(Exists("child"));
  EXPECT_EQ(At(Get("/api/v1/namespaces/n"), "/status/phase"), "Terminating");
}

TEST_F(ControllersTest, DeleteTheContentsOfADeletedNamespaceFirst) {
  Post("/api/v1/namespaces", R"({"metadata":{"name":"n"}})");
  Post("/api/v1/namespaces/n/configmaps", R"({"metadata":{"name":"free"}})");
  Post("/api/v1/namespaces/n/secrets", R"({"metadata":{"name":"held","finalizers":["example.com/x"]}})");
  http::Response marked = Delete("/api/v1/namespaces/n");
  EXPECT_EQ(At(marked, "/status/phase"), "Terminating");
  http::Response late = Post("/api/v1/namespaces/n/configmaps", R"({"metadata":{"name":"late"}})");
  EXPECT_EQ(late.status, 403);
  EXPECT_EQ(At(late, "/details/causes/0/reason"), "NamespaceTerminating");
  scheduler.RunFor(seconds(1));
  EXPECT_EQ(Get("/api/v1/namespaces/n/configmaps/free").status, 404);
  EXPECT_THAT(Get("/api/v1/namespaces/n").body, HasSubstr("SomeFinalizersRemain"));
  Merge("/api/v1/namespaces/n/secrets/held", R"({"metadata":{"finalizers":null}})");
  scheduler.RunFor(seconds(1));
  EXPECT_EQ(Get("/api/v1/namespaces/n").status, 404);
  EXPECT_EQ(Delete("/api/v1/namespaces/default").status, 403);
}

TEST_F(ControllersTest, KeepAnEmptiedNamespaceForTheDelayThatTheOptionsName) {
  ApiServerOptions options;
  options.namespace_removal_delay = seconds(5);
  Restart(options);
  Post("/api/v1/namespaces", R"({"metadata":{"name":"n"}})");
  Post("/api/v1/namespaces/n/configmaps", R"({"metadata":{"name":"free"}})");
  Delete("/api/v1/namespaces/n");
  scheduler.RunFor(seconds(4));
  EXPECT_EQ(Get("/api/v1/namespaces/n/configmaps/free").status, 404);
  EXPECT_EQ(At(Get("/api/v1/namespaces/n"), "/status/phase"), "Terminating");
  scheduler.RunFor(seconds(2));
  EXPECT_EQ(Get("/api/v1/namespaces/n").status, 404);
}

TEST_F(ControllersTest, LeaveADeletedNamespaceToTheClientThatFinalizesIt) {
  ApiServerOptions options;
  options.namespace_removal_delay = seconds(5);
  Restart(options);
  Post("/api/v1/namespaces", R"({"metadata":{"name":"n"}})");
  Delete("/api/v1/namespaces/n");
  scheduler.RunFor(seconds(1));
  EXPECT_EQ(Put("/api/v1/namespaces/n/finalize",
                R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n"},"spec":{"finalizers":[]}})")
                .status,
            200);
  EXPECT_EQ(Get("/api/v1/namespaces/n").status, 404);
}

TEST_F(ControllersTest, FinishInterruptedWorkAfterARestart) {
  LeaveWorkWithoutControllers();
  Restart({});
  scheduler.RunFor(seconds(1));
  EXPECT_FALSE(Exists("child"));
  EXPECT_EQ(Get("/api/v1/namespaces/n").status, 404);
}

TEST_F(ControllersTest, BecomeIdleWhenNothingChanges) {
  Make("owner");
  Make("child", "owner");
  scheduler.RunFor(seconds(10));
  const std::uint64_t steps = scheduler.steps();
  scheduler.RunFor(std::chrono::hours(24));
  EXPECT_EQ(scheduler.steps(), steps);
}

}  // namespace
}  // namespace capstan::apiserver
