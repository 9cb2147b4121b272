// Defaults and validation of built-in kinds, where operators notice them.
#include <capstan/core/base/text.hpp>
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

std::string Pods(const std::string& namespace_) { return "/api/v1/namespaces/" + namespace_ + "/pods"; }

constexpr const char* kSpec = R"({"containers":[{"name":"c","image":"i:1","ports":[{"containerPort":80}]}]})";

TEST_P(Conformance, APodGetsTheDefaultsOfItsTypes) {
  const Answer made = Post(Pods(Namespace()), StrCat(R"({"metadata":{"name":"a"},"spec":)", kSpec, "}"));
  ASSERT_STATUS(made, 201);
  EXPECT_EQ(made.At("/spec/restartPolicy"), "Always");
  EXPECT_EQ(made.At("/spec/dnsPolicy"), "ClusterFirst");
  EXPECT_EQ(made.At("/spec/terminationGracePeriodSeconds"), "30");
  EXPECT_EQ(made.At("/spec/schedulerName"), "default-scheduler");
  EXPECT_EQ(made.At("/spec/enableServiceLinks"), "true");
  EXPECT_EQ(made.At("/spec/containers/0/imagePullPolicy"), "IfNotPresent");
  EXPECT_EQ(made.At("/spec/containers/0/terminationMessagePolicy"), "File");
  EXPECT_EQ(made.At("/spec/containers/0/ports/0/protocol"), "TCP");
  EXPECT_EQ(made.At("/spec/tolerations/0/tolerationSeconds"), "300");
  EXPECT_EQ(made.At("/status/phase"), "Pending");
  EXPECT_EQ(made.At("/status/qosClass"), "BestEffort");
}

TEST_P(Conformance, APodWithoutContainersOrWithAWrongWordIsRefused) {
  const std::string pods = Pods(Namespace());
  const Answer none = Post(pods, R"({"metadata":{"name":"a"},"spec":{}})");
  EXPECT_STATUS(none, 422);
  EXPECT_THAT(none.fields(), Contains("spec.containers"));
  const Answer word = Post(
      pods,
      R"({"metadata":{"name":"a"},"spec":{"restartPolicy":"Sometimes","containers":[{"name":"c","image":"i"}]}})");
  EXPECT_STATUS(word, 422);
  EXPECT_THAT(word.fields(), Contains("spec.restartPolicy"));
  const Answer type =
      Post(pods, R"({"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":5}]}})");
  EXPECT_STATUS(type, 400);
}

TEST_P(Conformance, APodKeepsWhatItRuns) {
  const std::string pods = Pods(Namespace());
  ASSERT_STATUS(Post(pods, StrCat(R"({"metadata":{"name":"a"},"spec":)", kSpec, "}")), 201);
  EXPECT_STATUS(Merge(pods + "/a", R"({"spec":{"restartPolicy":"Never"}})"), 422);
  EXPECT_STATUS(Strategic(pods + "/a", R"({"spec":{"containers":[{"name":"c","image":"i:2"}]}})"), 200);
}

TEST_P(Conformance, ADeploymentGetsDefaultsAndKeepsItsSelector) {
  const std::string path = "/apis/apps/v1/namespaces/" + Namespace() + "/deployments";
  const Answer made =
      Post(path, StrCat(R"({"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"x":"y"}},)"
                        R"("template":{"metadata":{"labels":{"x":"y"}},"spec":)",
                        kSpec, "}}}"));
  ASSERT_STATUS(made, 201);
  EXPECT_EQ(made.At("/spec/replicas"), "1");
  EXPECT_EQ(made.At("/spec/strategy/rollingUpdate/maxUnavailable"), "25%");
  EXPECT_EQ(made.At("/spec/progressDeadlineSeconds"), "600");
  EXPECT_EQ(made.At("/spec/template/spec/restartPolicy"), "Always");
  EXPECT_STATUS(Merge(path + "/a", R"({"spec":{"selector":{"matchLabels":{"x":"z"}}}})"), 422);
  const Answer odd =
      Post(path, StrCat(R"({"metadata":{"name":"b"},"spec":{"selector":{"matchLabels":{"x":"z"}},)"
                        R"("template":{"metadata":{"labels":{"x":"y"}},"spec":)",
                        kSpec, "}}}"));
  EXPECT_STATUS(odd, 422);
  EXPECT_THAT(odd.fields(), Contains("spec.template.metadata.labels"));
}

TEST_P(Conformance, AServiceHasAnAddressOfItsOwn) {
  EXPECT_EQ(Get("/api/v1/namespaces/default/services/kubernetes").At("/spec/clusterIP"), "10.0.0.1");
  const std::string services = "/api/v1/namespaces/" + Namespace() + "/services";
  const Answer made = Post(services, R"({"metadata":{"name":"a"},"spec":{"ports":[{"port":80}]}})");
  ASSERT_STATUS(made, 201);
  EXPECT_NE(made.At("/spec/clusterIP"), "");
  EXPECT_EQ(made.At("/spec/clusterIPs/0"), made.At("/spec/clusterIP"));
  EXPECT_EQ(made.At("/spec/ports/0/targetPort"), "80");
  EXPECT_EQ(made.At("/spec/sessionAffinity"), "None");
  EXPECT_STATUS(Merge(services + "/a", R"({"spec":{"clusterIP":"10.0.0.77"}})"), 422);
  const Answer bogus = Post(services, R"({"metadata":{"name":"b"},"spec":{"type":"Bogus"}})");
  EXPECT_STATUS(bogus, 422);
  EXPECT_THAT(bogus.fields(), Contains("spec.type"));
  EXPECT_THAT(bogus.fields(), Contains("spec.ports"));
}

TEST_P(Conformance, ARoleIsCheckedAndABindingKeepsIt) {
  const std::string base = "/apis/rbac.authorization.k8s.io/v1/namespaces/" + Namespace();
  const Answer role = Post(base + "/roles", R"({"metadata":{"name":"r"},"rules":[{"verbs":[]}]})");
  EXPECT_STATUS(role, 422);
  EXPECT_THAT(role.fields(), Contains("rules[0].verbs"));
  ASSERT_STATUS(
      Post(
          base + "/rolebindings",
          R"({"metadata":{"name":"b"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"}})"),
      201);
  const Answer moved = Merge(base + "/rolebindings/b", R"({"roleRef":{"name":"edit"}})");
  EXPECT_STATUS(moved, 422);
  EXPECT_THAT(moved.fields(), Contains("roleRef"));
}

TEST_P(Conformance, APodIsBoundOnceAndThenTakesItsTimeToEnd) {
  const std::string pods = Pods(Namespace());
  ASSERT_STATUS(Post(pods, StrCat(R"({"metadata":{"name":"a"},"spec":)", kSpec, "}")), 201);
  const std::string binding =
      R"({"apiVersion":"v1","kind":"Binding","metadata":{"name":"a"},"target":{"kind":"Node","name":"n"}})";
  EXPECT_STATUS(Post(pods + "/a/binding", binding), 201);
  EXPECT_STATUS(Post(pods + "/a/binding", binding), 409);
  EXPECT_EQ(Get(pods + "/a").At("/spec/nodeName"), "n");
  EXPECT_EQ(Delete(pods + "/a").At("/metadata/deletionGracePeriodSeconds"), "30");
  EXPECT_STATUS(Get(pods + "/a"), 200);
  EXPECT_STATUS(Delete(pods + "/a", R"({"gracePeriodSeconds":0})"), 200);
  EXPECT_STATUS(Get(pods + "/a"), 404);
}

TEST_P(Conformance, AStatusWriteChangesAnnotationsOfABuiltIn) {
  const std::string pods = Pods(Namespace());
  ASSERT_STATUS(Post(pods, StrCat(R"({"metadata":{"name":"a"},"spec":)", kSpec, "}")), 201);
  const Answer noted =
      Merge(pods + "/a/status", R"({"metadata":{"annotations":{"n":"1"}},"status":{"phase":"Running"}})");
  EXPECT_EQ(noted.At("/metadata/annotations/n"), "1");
}

TEST_P(Conformance, EmptyFieldsOfAWorkloadAreNotStored) {
  const Answer made = Post(ConfigMaps(), R"({"metadata":{"name":"a","labels":{}},"data":{}})");
  ASSERT_STATUS(made, 201);
  EXPECT_EQ(made.At("/data"), "");
  EXPECT_EQ(made.At("/metadata/labels"), "");
}

TEST_P(Conformance, EphemeralContainersComeByTheirSubresourceAndStay) {
  const std::string pods = Pods(Namespace());
  ASSERT_STATUS(Post(pods, StrCat(R"({"metadata":{"name":"a"},"spec":)", kSpec, "}")), 201);
  const Answer added = Strategic(pods + "/a/ephemeralcontainers",
                                 R"({"spec":{"ephemeralContainers":[{"name":"look","image":"i:3"}]}})");
  if (added.status == 404 || added.status == 415 || added.At("/kind") == "EphemeralContainers")
    return Lacks("ephemeral containers of pods");
  ASSERT_STATUS(added, 200);
  EXPECT_EQ(added.At("/kind"), "Pod");
  EXPECT_EQ(added.At("/spec/ephemeralContainers/0/terminationMessagePath"), "/dev/termination-log");
  const Answer removed = Merge(pods + "/a/ephemeralcontainers", R"({"spec":{"ephemeralContainers":[]}})");
  EXPECT_STATUS(removed, 422);
  EXPECT_THAT(removed.message(), HasSubstr("existing ephemeral containers \"look\" may not be removed"));
  EXPECT_STATUS(Strategic(pods + "/a/ephemeralcontainers",
                          R"({"spec":{"ephemeralContainers":[{"name":"look","image":"i:4"}]}})"),
                422);
  const Answer other = Merge(pods + "/a/ephemeralcontainers", R"({"spec":{"restartPolicy":"Never"}})");
  EXPECT_EQ(other.At("/spec/restartPolicy"), "Always") << "nothing else is changed through it";
  EXPECT_STATUS(
      Post(
          pods,
          R"({"metadata":{"name":"b"},"spec":{"containers":[{"name":"c","image":"i"}],"ephemeralContainers":[{"name":"e","image":"i"}]}})"),
      422);
}

TEST_P(Conformance, APodIsResizedByItsSubresource) {
  const std::string pods = Pods(Namespace());
  ASSERT_STATUS(
      Post(
          pods,
          R"({"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i:1","resources":{"requests":{"cpu":"100m"}}}]}})"),
      201);
  const Answer resized = Strategic(
      pods + "/a/resize",
      R"({"spec":{"containers":[{"name":"c","image":"i:9","resources":{"requests":{"cpu":"200m"}}}]}})");
  if (resized.status == 404) return Lacks("resizing of pods");
  ASSERT_STATUS(resized, 200);
  EXPECT_EQ(resized.At("/spec/containers/0/resources/requests/cpu"), "200m");
  EXPECT_EQ(resized.At("/spec/containers/0/image"), "i:1") << "nothing else is changed through it";
  EXPECT_STATUS(
      Strategic(
          pods + "/a/resize",
          R"({"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"200m","memory":"1Gi"},"requests":{"memory":"1Gi"}}}]}})"),
      422)
      << "not into another class of quality";
  EXPECT_STATUS(
      Strategic(pods + "/a",
                R"({"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"300m"}}}]}})"),
      422)
      << "only by the subresource";
}

TEST_P(Conformance, AWideTableOfAWorkloadNamesItsContainers) {
  const http::Headers table = {{"Accept", "application/json;as=Table;g=meta.k8s.io;v=v1"}};
  EXPECT_THAT(Get("/apis/apps/v1/replicasets", table).Each("/columnDefinitions", "/name"),
              ElementsAre("Name", "Desired", "Current", "Ready", "Age", "Containers", "Images", "Selector"));
  EXPECT_THAT(Get("/api/v1/resourcequotas", table).Each("/columnDefinitions", "/name"),
              ElementsAre("Name", "Age", "Request", "Limit"));
  const std::string quotas = "/api/v1/namespaces/" + Namespace() + "/resourcequotas";
  ASSERT_STATUS(Post(quotas, R"({"metadata":{"name":"q"},"spec":{"hard":{"pods":"5","limits.cpu":"2"}}})"),
                201);
  ASSERT_STATUS(
      Merge(quotas + "/q/status",
            R"({"status":{"hard":{"pods":"5","limits.cpu":"2"},"used":{"pods":"0","limits.cpu":"0"}}})"),
      200);
  const Answer rows = Get(quotas, table);
  EXPECT_EQ(rows.At("/rows/0/cells/2"), "pods: 0/5");
  EXPECT_EQ(rows.At("/rows/0/cells/3"), "limits.cpu: 0/2");
}

}  // namespace
}  // namespace capstan::conformance
