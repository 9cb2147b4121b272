// Built-in kinds: defaults, rules, and fields that the server sets.
#include <capstan/local/apiserver/testing/server_fixture.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver {
namespace {

class BuiltinKinds : public ServerTest {
 protected:
  static std::string In(const std::string& group_version, const std::string& plural) {
    return StrCat(group_version == "v1" ? "/api/v1" : "/apis/" + group_version, "/namespaces/default/",
                  plural);
  }
};

constexpr const char* kPod =
    R"("spec":{"containers":[{"name":"c","image":"i:1","ports":[{"containerPort":80}]}]})";

TEST_F(BuiltinKinds, APodGetsItsDefaults) {
  const auto made = Post(In("v1", "pods"), StrCat(R"({"metadata":{"name":"a"},)", kPod, "}"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(made, "/spec/restartPolicy"), "Always");
  EXPECT_EQ(At(made, "/spec/dnsPolicy"), "ClusterFirst");
  EXPECT_EQ(At(made, "/spec/terminationGracePeriodSeconds"), "30");
  EXPECT_EQ(At(made, "/spec/schedulerName"), "default-scheduler");
  EXPECT_EQ(At(made, "/spec/securityContext"), "{}");
  EXPECT_EQ(At(made, "/spec/containers/0/imagePullPolicy"), "IfNotPresent");
  EXPECT_EQ(At(made, "/spec/containers/0/resources"), "{}");
  EXPECT_EQ(At(made, "/spec/containers/0/terminationMessagePath"), "/dev/termination-log");
  EXPECT_EQ(At(made, "/spec/containers/0/ports/0/protocol"), "TCP");
  EXPECT_EQ(At(made, "/spec/tolerations/1/tolerationSeconds"), "300");
  EXPECT_EQ(At(made, "/spec/priority"), "0");
  EXPECT_EQ(At(made, "/status/phase"), "Pending");
  EXPECT_EQ(At(made, "/status/qosClass"), "BestEffort");
}

TEST_F(BuiltinKinds, APodIsValidatedByTheTables) {
  const auto refused = [&](const std::string& spec) {
    const auto answer = Post(In("v1", "pods"), StrCat(R"({"metadata":{"name":"a"},"spec":)", spec, "}"));
    EXPECT_EQ(answer.status, 422) << answer.body;
    return At(answer, "/message");
  };
  EXPECT_EQ(refused("{}"), "Pod \"a\" is invalid: spec.containers: Required value");
  EXPECT_EQ(refused(R"({"restartPolicy":"Sometimes","containers":[{"name":"c","image":"i"}]})"),
            "Pod \"a\" is invalid: spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: "
            "\"Always\", \"Never\", \"OnFailure\"");
  EXPECT_EQ(refused(R"({"containers":[{"name":"c","image":"i","ports":[{"containerPort":70000}]}]})"),
            "Pod \"a\" is invalid: spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be "
            "between 1 and 65535, inclusive");
  EXPECT_EQ(refused(R"({"containers":[{"name":"c"}]})"),
            "Pod \"a\" is invalid: spec.containers[0].image: Required value");
}

TEST_F(BuiltinKinds, APodsSpecIsImmutableExceptForItsImages) {
  ASSERT_EQ(Post(In("v1", "pods"), StrCat(R"({"metadata":{"name":"a"},)", kPod, "}")).status, 201);
  EXPECT_EQ(Merge(In("v1", "pods/a"), R"({"spec":{"restartPolicy":"Never"}})").status, 422);
  const auto changed =
      Send("PATCH", In("v1", "pods/a"), R"({"spec":{"containers":[{"name":"c","image":"i:2"}]}})",
           {{"Content-Type", "application/strategic-merge-patch+json"}});
  EXPECT_EQ(changed.status, 200) << changed.body;
}

TEST_F(BuiltinKinds, ADeploymentGetsItsDefaultsAndKeepsItsSelector) {
  const auto made = Post(In("apps/v1", "deployments"),
                         StrCat(R"({"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"x":"y"}},)"
                                R"("template":{"metadata":{"labels":{"x":"y"}},)",
                                kPod, "}}}"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(made, "/spec/replicas"), "1");
  EXPECT_EQ(At(made, "/spec/strategy/type"), "RollingUpdate");
  EXPECT_EQ(At(made, "/spec/strategy/rollingUpdate/maxSurge"), "25%");
  EXPECT_EQ(At(made, "/spec/template/spec/dnsPolicy"), "ClusterFirst");
  EXPECT_EQ(At(made, "/spec/revisionHistoryLimit"), "10");
  EXPECT_EQ(
      Merge(In("apps/v1", "deployments/a"), R"({"spec":{"selector":{"matchLabels":{"x":"z"}}}})").status,
      422);
  const auto odd = Post(In("apps/v1", "deployments"),
                        StrCat(R"({"metadata":{"name":"b"},"spec":{"selector":{"matchLabels":{"x":"z"}},)"
                               R"("template":{"metadata":{"labels":{"x":"y"}},)",
                               kPod, "}}}"));
  EXPECT_NE(At(odd, "/message").find("`selector` does not match template `labels`"), std::string::npos)
      << odd.body;
}

TEST_F(BuiltinKinds, AServicePortWhoseTargetIsZeroOrEmptyIsItsOwnTarget) {
  const auto made = Post(
      "/api/v1/namespaces/default/services",
      R"({"metadata":{"name":"s"},"spec":{"ports":[{"name":"a","port":80,"targetPort":0},{"name":"b","port":81,"targetPort":""}]}})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(made, "/spec/ports/0/targetPort"), "80");
  EXPECT_EQ(At(made, "/spec/ports/1/targetPort"), "81");
}

TEST_F(BuiltinKinds, AServiceKeepsItsAddress) {
  const auto api = Get(In("v1", "services/kubernetes"));
  EXPECT_EQ(At(api, "/spec/clusterIP"), "10.0.0.1") << api.body;
  const auto made = Post(In("v1", "services"), R"({"metadata":{"name":"a"},"spec":{"ports":[{"port":80}]}})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string address = At(made, "/spec/clusterIP");
  EXPECT_EQ(address.rfind("10.0.", 0), 0U);
  EXPECT_NE(address, "10.0.0.1");
  EXPECT_EQ(At(made, "/spec/clusterIPs/0"), address);
  EXPECT_EQ(At(made, "/spec/ports/0/targetPort"), "80");
  EXPECT_EQ(At(made, "/spec/internalTrafficPolicy"), "Cluster");
  EXPECT_EQ(At(made, "/spec/ipFamilies/0"), "IPv4");
  EXPECT_EQ(Merge(In("v1", "services/a"), R"({"spec":{"clusterIP":"10.0.9.9"}})").status, 422);
  EXPECT_EQ(Put(In("v1", "services/a"), R"({"metadata":{"name":"a"},"spec":{"ports":[{"port":81}]}})").status,
            200);
  EXPECT_EQ(Post(In("v1", "services"), R"({"metadata":{"name":"b"},"spec":{"type":"Bogus"}})").status, 422);
}

TEST_F(BuiltinKinds, ABindingKeepsItsRole) {
  const std::string bindings = In("rbac.authorization.k8s.io/v1", "rolebindings");
  const auto made = Post(
      bindings,
      R"({"metadata":{"name":"a"},"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"u"}]})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(made, "/subjects/0/apiGroup"), "rbac.authorization.k8s.io");
  const auto moved = Merge(bindings + "/a", R"({"roleRef":{"name":"s"}})");
  EXPECT_NE(At(moved, "/message").find("cannot change roleRef"), std::string::npos) << moved.body;
  EXPECT_EQ(
      Post(In("rbac.authorization.k8s.io/v1", "roles"), R"({"metadata":{"name":"r"},"rules":[{"verbs":[]}]})")
          .status,
      422);
}

TEST_F(BuiltinKinds, AJobSelectsItsOwnPods) {
  const auto made = Post(
      In("batch/v1", "jobs"),
      R"({"metadata":{"name":"a"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(made, "/spec/selector/matchLabels/batch.kubernetes.io~1controller-uid"),
            At(made, "/metadata/uid"));
  EXPECT_EQ(At(made, "/spec/template/metadata/labels/job-name"), "a");
  EXPECT_EQ(At(made, "/spec/backoffLimit"), "6");
}

TEST_F(BuiltinKinds, AQuotaCountsObjects) {
  const auto quota =
      Post(In("v1", "resourcequotas"),
           R"({"metadata":{"name":"q"},"spec":{"hard":{"configmaps":"2","count/deployments.apps":"1"}}})");
  ASSERT_EQ(quota.status, 201) << quota.body;
  EXPECT_EQ(Post(In("v1", "configmaps"), R"({"metadata":{"name":"a"}})").status, 201);
  EXPECT_EQ(Post(In("v1", "configmaps"), R"({"metadata":{"name":"b"}})").status, 201);
  const auto over = Post(In("v1", "configmaps"), R"({"metadata":{"name":"c"}})");
  EXPECT_EQ(over.status, 403);
  EXPECT_EQ(At(over, "/message"),
            "configmaps \"c\" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=2, "
            "limited: configmaps=2");
  EXPECT_EQ(At(Get(In("v1", "resourcequotas/q")), "/status/used/configmaps"), "2");
  EXPECT_EQ(Delete(In("v1", "configmaps/a")).status, 200);
  EXPECT_EQ(At(Get(In("v1", "resourcequotas/q")), "/status/used/configmaps"), "1");
  EXPECT_EQ(Post(In("v1", "configmaps"), R"({"metadata":{"name":"c"}})").status, 201);
}

TEST_F(BuiltinKinds, APodIsBoundOnceAndTerminatesGracefully) {
  ASSERT_EQ(Post(In("v1", "pods"), StrCat(R"({"metadata":{"name":"a"},)", kPod, "}")).status, 201);
  const std::string binding = R"({"metadata":{"name":"a"},"target":{"kind":"Node","name":"n"}})";
  EXPECT_EQ(Post(In("v1", "pods/a/binding"), binding).status, 201);
  EXPECT_EQ(Post(In("v1", "pods/a/binding"), binding).status, 409);
  EXPECT_EQ(At(Get(In("v1", "pods/a")), "/spec/nodeName"), "n");
  const auto ending = Delete(In("v1", "pods/a"));
  EXPECT_EQ(At(ending, "/metadata/deletionGracePeriodSeconds"), "30") << ending.body;
  EXPECT_EQ(Get(In("v1", "pods/a")).status, 200);
  EXPECT_EQ(Delete(In("v1", "pods/a"), R"({"gracePeriodSeconds":0})").status, 200);
  EXPECT_EQ(Get(In("v1", "pods/a")).status, 404);
}

TEST_F(BuiltinKinds, AnEvictionUsesADisruptionBudget) {
  const std::string pod =
      R"({"metadata":{"name":"a","labels":{"x":"y"}},"spec":{"containers":[{"name":"c","image":"i"}]}})";
  ASSERT_EQ(Post(In("v1", "pods"), pod).status, 201);
  ASSERT_EQ(Merge(In("v1", "pods/a/status"), R"({"status":{"phase":"Running"}})").status, 200);
  ASSERT_EQ(
      Post(In("policy/v1", "poddisruptionbudgets"),
           R"({"metadata":{"name":"p"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"x":"y"}}}})")
          .status,
      201);
  const std::string eviction = R"({"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"a"}})";
  const auto held = Post(In("v1", "pods/a/eviction"), eviction);
  EXPECT_EQ(held.status, 429) << held.body;
  EXPECT_EQ(At(held, "/details/causes/0/reason"), "DisruptionBudget");
  ASSERT_EQ(Merge(In("policy/v1", "poddisruptionbudgets/p/status"), R"({"status":{"disruptionsAllowed":1}})")
                .status,
            200);
  EXPECT_EQ(Post(In("v1", "pods/a/eviction"), eviction).status, 201);
  EXPECT_EQ(Get(In("v1", "pods/a")).status, 404);
}

TEST_F(BuiltinKinds, AScalerIsShownInBothVersions) {
  const auto made = Post(
      In("autoscaling/v1", "horizontalpodautoscalers"),
      R"({"metadata":{"name":"a"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"d","apiVersion":"apps/v1"},"maxReplicas":3,"targetCPUUtilizationPercentage":50}})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(At(made, "/spec/targetCPUUtilizationPercentage"), "50");
  const auto newer = Get(In("autoscaling/v2", "horizontalpodautoscalers/a"));
  EXPECT_EQ(At(newer, "/spec/metrics/0/resource/target/averageUtilization"), "50") << newer.body;
  EXPECT_EQ(At(newer, "/spec/minReplicas"), "1");
}

TEST_F(BuiltinKinds, EveryKindOfTheTableIsServedAndListed) {
  const auto groups = Get("/apis");
  for (const char* path :
       {"/apis/apps/v1/statefulsets", "/apis/apps/v1/daemonsets", "/apis/apps/v1/replicasets",
        "/apis/batch/v1/cronjobs", "/api/v1/persistentvolumes", "/api/v1/limitranges",
        "/apis/storage.k8s.io/v1/storageclasses", "/apis/networking.k8s.io/v1/ingresses",
        "/apis/networking.k8s.io/v1/networkpolicies", "/apis/scheduling.k8s.io/v1/priorityclasses",
        "/apis/certificates.k8s.io/v1/certificatesigningrequests",
        "/apis/apiregistration.k8s.io/v1/apiservices",
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"}) {
    EXPECT_EQ(Get(path).status, 200) << path;
    EXPECT_EQ(Get(path, {{"Accept", "application/json;as=Table;g=meta.k8s.io;v=v1"}}).status, 200) << path;
  }
}

TEST_F(BuiltinKinds, AnnotationsOfToolsSurviveAStatusUpdate) {
  ASSERT_EQ(Post(In("v1", "pods"), StrCat(R"({"metadata":{"name":"a"},)", kPod, "}")).status, 201);
  const auto noted = Merge(In("v1", "pods/a/status"),
                           R"({"metadata":{"annotations":{"n":"1"}},"status":{"phase":"Running"}})");
  EXPECT_EQ(At(noted, "/metadata/annotations/n"), "1") << noted.body;
}

}  // namespace
}  // namespace capstan::apiserver
