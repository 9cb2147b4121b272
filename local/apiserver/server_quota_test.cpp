#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/testing/server_fixture.hpp>

namespace capstan::apiserver {
namespace {

constexpr const char* kQuotas = "/api/v1/namespaces/default/resourcequotas";
constexpr const char* kPods = "/api/v1/namespaces/default/pods";

class ServerQuota : public ServerTest {
 protected:
  void Limit(const std::string& name, const std::string& spec) {
    const auto made = Post(kQuotas, StrCat(R"({"metadata":{"name":")", name, R"("},"spec":{)", spec, "}}"));
    ASSERT_EQ(made.status, 201) << made.body;
  }
  http::Response MakePod(const std::string& name, const std::string& resources = "",
                         const std::string& more = "") {
    return Post(kPods, StrCat(R"({"metadata":{"name":")", name, R"("},"spec":{)", more,
                              R"("containers":[{"name":"c","image":"i","resources":{)", resources, "}}]}}"));
  }
  std::string Used(const std::string& quota, const std::string& name) {
    return At(Get(StrCat(kQuotas, "/", quota)), StrCat("/status/used/", name));
  }
};

constexpr const char* kAsks = R"("requests":{"cpu":"400m","memory":"1Gi"})";

TEST_F(ServerQuota, AddsUpWhatPodsAskFor) {
  Limit("q", R"("hard":{"requests.cpu":"1","limits.memory":"3Gi","pods":"5"})");
  const std::string resources = R"("requests":{"cpu":"400m"},"limits":{"memory":"1Gi"})";
  ASSERT_EQ(MakePod("a", resources).status, 201);
  ASSERT_EQ(MakePod("b", resources).status, 201);
  EXPECT_EQ(Used("q", "requests.cpu"), "800m");
  EXPECT_EQ(Used("q", "limits.memory"), "2Gi");
  EXPECT_EQ(Used("q", "pods"), "2");
  const auto over = MakePod("c", resources);
  EXPECT_EQ(over.status, 403);
  EXPECT_EQ(At(over, "/message"),
            "pods \"c\" is forbidden: exceeded quota: q, requested: requests.cpu=400m, used: "
            "requests.cpu=800m, limited: requests.cpu=1");
  ASSERT_EQ(Delete(StrCat(kPods, "/a")).status, 200);
  EXPECT_EQ(MakePod("c", resources).status, 201);
}

TEST_F(ServerQuota, RefusesPodsThatDoNotSayWhatIsLimited) {
  Limit("q", R"("hard":{"requests.cpu":"1","limits.memory":"3Gi"})");
  const auto made = MakePod("a", R"("requests":{"cpu":"400m"})");
  EXPECT_EQ(made.status, 403);
  EXPECT_EQ(At(made, "/message"), "pods \"a\" is forbidden: failed quota: q: must specify limits.memory");
}

TEST_F(ServerQuota, CountsThePodsOfItsScopesAlone) {
  Limit("best-effort", R"("hard":{"pods":"1"},"scopes":["BestEffort"])");
  Limit("ending", R"("hard":{"pods":"1"},"scopes":["Terminating"])");
  ASSERT_EQ(MakePod("asks", kAsks).status, 201) << "in no scope";
  ASSERT_EQ(MakePod("plain").status, 201);
  EXPECT_EQ(Used("best-effort", "pods"), "1");
  EXPECT_EQ(Used("ending", "pods"), "0");
  EXPECT_EQ(MakePod("plain-too").status, 403);
  EXPECT_EQ(MakePod("ends", kAsks, R"("activeDeadlineSeconds":60,)").status, 201);
  EXPECT_EQ(MakePod("ends-too", kAsks, R"("activeDeadlineSeconds":60,)").status, 403);
}

TEST_F(ServerQuota, CountsThePodsOfItsPriorityClasses) {
  for (const char* name : {"high", "low"}) {
    ASSERT_EQ(Post("/apis/scheduling.k8s.io/v1/priorityclasses",
                   StrCat(R"({"metadata":{"name":")", name, R"("},"value":5})"))
                  .status,
              201);
  }
  Limit(
      "high",
      R"("hard":{"pods":"0"},"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In","values":["high"]}]})");
  EXPECT_EQ(MakePod("a", "", R"("priorityClassName":"high",)").status, 403);
  EXPECT_EQ(MakePod("a", "", R"("priorityClassName":"low",)").status, 201);
  EXPECT_EQ(MakePod("b").status, 201);
}

TEST_F(ServerQuota, DoesNotCountPodsThatHaveEnded) {
  Limit("q", R"("hard":{"pods":"1","count/pods":"9"})");
  ASSERT_EQ(MakePod("a").status, 201);
  ASSERT_EQ(Merge(StrCat(kPods, "/a/status"), R"({"status":{"phase":"Succeeded"}})").status, 200);
  EXPECT_EQ(Used("q", "pods"), "0");
  EXPECT_EQ(MakePod("b").status, 201);
}

TEST_F(ServerQuota, AddsUpTheStorageThatClaimsAskForOfEachClass) {
  Limit("q",
        R"("hard":{"requests.storage":"4Gi","gold.storageclass.storage.k8s.io/requests.storage":"2Gi"})");
  const auto claim = [this](const std::string& name, const std::string& more) {
    return Post("/api/v1/namespaces/default/persistentvolumeclaims",
                StrCat(R"({"metadata":{"name":")", name, R"("},"spec":{"accessModes":["ReadWriteOnce"],)",
                       more, R"("resources":{"requests":{"storage":"2Gi"}}}})"))
        .status;
  };
  EXPECT_EQ(claim("a", R"("storageClassName":"gold",)"), 201);
  EXPECT_EQ(claim("b", R"("storageClassName":"gold",)"), 403);
  EXPECT_EQ(claim("c", R"("storageClassName":"iron",)"), 201);
  EXPECT_EQ(claim("d", R"("storageClassName":"iron",)"), 403);
}

TEST_F(ServerQuota, KeepsItsScopes) {
  Limit("q", R"("hard":{"pods":"1"},"scopes":["BestEffort"])");
  const auto changed = Merge(StrCat(kQuotas, "/q"), R"({"spec":{"scopes":["Terminating"]}})");
  EXPECT_EQ(changed.status, 422);
  EXPECT_EQ(At(changed, "/details/causes/0/field"), "spec.scopes");
}

}  // namespace
}  // namespace capstan::apiserver
