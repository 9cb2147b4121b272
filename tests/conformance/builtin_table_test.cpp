// Built-in kinds as a table: what is refused and where, which defaults are filled in, and what is
// immutable. Each row is a request; messages and codes are those of real servers.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

// Maps "core/pods" to the path of the collection, in the namespace if it has one.
std::string Collection(std::string_view resource, const std::string& namespace_) {
  const std::size_t slash = resource.rfind('/');
  const std::string group(resource.substr(0, slash)), plural(resource.substr(slash + 1));
  static const std::vector<std::string> kCluster = {"nodes",
                                                    "persistentvolumes",
                                                    "clusterroles",
                                                    "clusterrolebindings",
                                                    "storageclasses",
                                                    "priorityclasses",
                                                    "ingressclasses",
                                                    "validatingwebhookconfigurations",
                                                    "apiservices",
                                                    "namespaces",
                                                    "mutatingwebhookconfigurations",
                                                    "certificatesigningrequests"};
  const bool cluster = std::find(kCluster.begin(), kCluster.end(), plural) != kCluster.end();
  return StrCat(group == "core" ? "/api/v1" : StrCat("/apis/", group, "/v1"),
                cluster ? std::string() : StrCat("/namespaces/", namespace_), "/", plural);
}

struct Refused {
  const char* resource;
  const char* body;
  int status;
  const char* field;  // of a cause, with status 422
};

constexpr const char* kRequest = R"("apiGroups":["x"],"apiVersions":["v1"],"resources":["y"])";

const std::vector<Refused>& RefusedRows() {
  static const std::vector<Refused> rows = {
      // wrong types
      {"core/configmaps", R"({"metadata":{"name":"t"},"data":5})", 400, ""},
      {"core/configmaps", R"({"metadata":{"name":"t"},"data":{"a":5}})", 400, ""},
      {"core/secrets", R"({"metadata":{"name":"t"},"data":{"a":"not base64!"}})", 400, ""},
      {"core/services", R"({"metadata":{"name":"t"},"spec":{"ports":"none"}})", 400, ""},
      {"core/services", R"({"metadata":{"name":"t"},"spec":{"ports":[{"port":"80"}]}})", 400, ""},
      {"apps/deployments", R"({"metadata":{"name":"t"},"spec":{"replicas":"1"}})", 400, ""},
      {"batch/jobs", R"({"metadata":{"name":"t"},"spec":{"template":"none"}})", 400, ""},
      {"core/persistentvolumeclaims",
       R"({"metadata":{"name":"t"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"much"}}}})",
       400, ""},
      {"core/resourcequotas", R"({"metadata":{"name":"t"},"spec":{"hard":{"pods":"many"}}})", 400, ""},
      {"core/limitranges",
       R"({"metadata":{"name":"t"},"spec":{"limits":[{"type":"Pod","max":{"cpu":"1 x"}}]}})", 400, ""},
      // names
      {"core/configmaps", R"({"metadata":{"name":"Bad_Name!"}})", 422, "metadata.name"},
      {"core/services", R"({"metadata":{"name":"a.b"},"spec":{"ports":[{"port":80}]}})", 422,
       "metadata.name"},
      {"core/configmaps", R"({"metadata":{"name":"t","labels":{"a":"b c"}}})", 422, "metadata.labels"},
      // services and routing
      {"core/services", R"({"metadata":{"name":"t"},"spec":{}})", 422, "spec.ports"},
      {"core/services", R"({"metadata":{"name":"t"},"spec":{"ports":[{"port":0}]}})", 422,
       "spec.ports[0].port"},
      {"core/services", R"({"metadata":{"name":"t"},"spec":{"ports":[{"port":80}],"selector":{"a":"b c"}}})",
       422, "spec.selector"},
      {"core/endpoints", R"({"metadata":{"name":"t"},"subsets":[{"ports":[{"port":80}]}]})", 422,
       "subsets[0]"},
      {"core/endpoints", R"({"metadata":{"name":"t"},"subsets":[{"addresses":[{"ip":"somewhere"}]}]})", 422,
       "subsets[0].addresses[0].ip"},
      {"networking.k8s.io/ingresses", R"({"metadata":{"name":"t"},"spec":{}})", 422, "spec"},
      {"networking.k8s.io/ingresses",
       R"({"metadata":{"name":"t"},"spec":{"rules":[{"host":"A b","http":{"paths":[]}}]}})", 422,
       "spec.rules[0].host"},
      {"networking.k8s.io/ingresses", R"({"metadata":{"name":"t"},"spec":{"rules":[{"http":{"paths":[]}}]}})",
       422, "spec.rules[0].http.paths"},
      {"networking.k8s.io/ingresses",
       R"({"metadata":{"name":"t"},"spec":{"rules":[{"http":{"paths":[{"path":"x","pathType":"Prefix","backend":{"service":{"name":"s","port":{"number":80}}}}]}}]}})",
       422, "spec.rules[0].http.paths[0].path"},
      {"networking.k8s.io/ingresses",
       R"({"metadata":{"name":"t"},"spec":{"rules":[{"http":{"paths":[{"path":"/","pathType":"Prefix","backend":{}}]}}]}})",
       422, "spec.rules[0].http.paths[0].backend"},
      {"networking.k8s.io/ingresses",
       R"({"metadata":{"name":"t"},"spec":{"rules":[{"http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"s","port":{"number":-1}}}}]}}]}})",
       422, "spec.rules[0].http.paths[0].backend.service.port.number"},
      {"networking.k8s.io/ingresses",
       R"({"metadata":{"name":"t"},"spec":{"rules":[{"http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"s"}}}]}}]}})",
       422, "spec.rules[0].http.paths[0].backend"},
      {"networking.k8s.io/ingressclasses", R"({"metadata":{"name":"t"},"spec":{"controller":"no path"}})",
       422, "spec.controller"},
      {"networking.k8s.io/networkpolicies",
       R"({"metadata":{"name":"t"},"spec":{"podSelector":{},"ingress":[{"ports":[{"port":-1}]}]}})", 422,
       "spec.ingress[0].ports[0].port"},
      // workloads
      {"core/pods", R"({"metadata":{"name":"t"},"spec":{"containers":[{"name":"c"}]}})", 422,
       "spec.containers[0].image"},
      {"core/pods",
       R"({"metadata":{"name":"t"},"spec":{"containers":[{"name":"c","image":"i","ports":[{"name":"p"}]}]}})",
       422, "spec.containers[0].ports[0].containerPort"},
      {"core/replicationcontrollers", R"({"metadata":{"name":"t"}})", 422, "spec.template"},
      {"core/replicationcontrollers",
       R"({"metadata":{"name":"t"},"spec":{"selector":{"a":"c"},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})",
       422, "spec.template.metadata.labels"},
      {"apps/deployments",
       R"({"metadata":{"name":"t"},"spec":{"replicas":-1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})",
       422, "spec.replicas"},
      {"batch/jobs",
       R"({"metadata":{"name":"t"},"spec":{"template":{"spec":{"restartPolicy":"Always","containers":[{"name":"c","image":"i"}]}}}})",
       422, "spec.template.spec.restartPolicy"},
      {"apps/controllerrevisions", R"({"metadata":{"name":"t"},"revision":1})", 422, "data"},
      {"apps/controllerrevisions", R"({"metadata":{"name":"t"},"revision":-1,"data":{}})", 422, "revision"},
      // storage
      {"core/persistentvolumes",
       R"({"metadata":{"name":"t"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"]}})",
       422, "spec"},
      {"core/persistentvolumes",
       R"({"metadata":{"name":"t"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["Sometimes"],"hostPath":{"path":"/x"}}})",
       422, "spec.accessModes"},
      {"storage.k8s.io/storageclasses", R"({"metadata":{"name":"t"},"provisioner":"no name!"})", 422,
       "provisioner"},
      {"core/limitranges", R"({"metadata":{"name":"t"},"spec":{"limits":[{"type":"Thing"}]}})", 422,
       "spec.limits[0].type"},
      // authorization and webhooks
      {"rbac.authorization.k8s.io/rolebindings",
       R"({"metadata":{"name":"t"},"roleRef":{"kind":"Role","name":"r"},"subjects":[{"name":"u"}]})", 422,
       "subjects[0].kind"},
      {"rbac.authorization.k8s.io/clusterrolebindings",
       R"({"metadata":{"name":"t"},"roleRef":{"kind":"ClusterRole","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"Bad name","namespace":"n"}]})",
       422, "subjects[0].name"},
      {"scheduling.k8s.io/priorityclasses", R"({"metadata":{"name":"t"},"value":2000000000})", 422, "value"},
      {"certificates.k8s.io/certificatesigningrequests",
       R"({"metadata":{"name":"t"},"spec":{"signerName":"x.y/z","usages":["client auth"],"request":"bm9uZQ=="}})",
       422, "spec.request"},
  };
  return rows;
}

TEST_P(Conformance, BuiltInKindsRefuseInvalidObjects) {
  for (const Refused& row : RefusedRows()) {
    const Answer answer = Post(Collection(row.resource, Namespace()) + "?dryRun=All", row.body);
    EXPECT_EQ(answer.status, row.status) << row.resource << " " << row.body << "\n" << answer;
    if (row.status == 422) {
      EXPECT_THAT(answer.fields(), Contains(row.field)) << row.body << "\n" << answer;
    }
  }
}

TEST_P(Conformance, WebhookConfigurationsRefuseUnusableClients) {
  const auto hook = [](const std::string& name, const std::string& config, const std::string& versions) {
    return StrCat(R"({"metadata":{"name":"t"},"webhooks":[{"name":")", name,
                  R"(","sideEffects":"None","failurePolicy":"Ignore","clientConfig":)", config,
                  R"(,"admissionReviewVersions":[)", versions, R"(],"rules":[{"operations":["CREATE"],)",
                  kRequest, "}]}]}");
  };
  const std::string url = R"({"url":"https://h/x"})";
  for (const char* kind : {"validatingwebhookconfigurations", "mutatingwebhookconfigurations"}) {
    const std::string path = Collection(StrCat("admissionregistration.k8s.io/", kind), "") + "?dryRun=All";
    EXPECT_STATUS(Post(path, hook("a.b.c", url, "\"v1\"")), 201);
    const std::vector<std::pair<std::string, const char*>> rows = {
        {hook("short", url, "\"v1\""), "webhooks[0].name"},
        {hook("a.b.c", "{}", "\"v1\""), "webhooks[0].clientConfig"},
        {hook("a.b.c", R"({"url":"http://h/x"})", "\"v1\""), "webhooks[0].clientConfig.url"},
        {hook("a.b.c", R"({"service":{"name":"s"}})", "\"v1\""),
         "webhooks[0].clientConfig.service.namespace"},
        {hook("a.b.c", R"({"service":{"namespace":"n"}})", "\"v1\""),
         "webhooks[0].clientConfig.service.name"},
        {hook("a.b.c", url, "\"v9\""), "webhooks[0].admissionReviewVersions"},
    };
    for (const auto& [body, field] : rows) {
      const Answer answer = Post(path, body);
      EXPECT_STATUS(answer, 422) << body;
      EXPECT_THAT(answer.message(), HasSubstr("webhooks[0]")) << body;
      // Older servers swap name and namespace.
      if (std::string_view(field).find(".service.") == std::string_view::npos) {
        EXPECT_THAT(answer.fields(), Contains(field)) << body;
      }
    }
  }
}

struct Stored {
  const char* resource;
  const char* body;
  const char* pointer;
  const char* value;
};

TEST_P(Conformance, BuiltInKindsAreStoredInOneForm) {
  const std::vector<Stored> rows = {
      {"core/resourcequotas", R"({"metadata":{"name":"t"},"spec":{"hard":{"pods":"1000"}}})",
       "/spec/hard/pods", "1k"},
      {"core/limitranges",
       R"({"metadata":{"name":"t"},"spec":{"limits":[{"type":"Pod","max":{"cpu":"1000m","memory":"1024Mi"}}]}})",
       "/spec/limits/0/max", R"({"cpu":"1","memory":"1Gi"})"},
      {"core/persistentvolumeclaims",
       R"({"metadata":{"name":"t"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":5}}}})",
       "/spec/resources/requests/storage", "5"},
      {"core/pods",
       R"({"metadata":{"name":"t"},"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"0.5","memory":"0.5Gi"}}}]}})",
       "/spec/containers/0/resources/requests", R"({"cpu":"500m","memory":"512Mi"})"},
      {"core/pods",
       R"({"metadata":{"name":"t"},"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1","memory":"1Gi"}}}]}})",
       "/status/qosClass", "Guaranteed"},
      {"core/pods",
       R"({"metadata":{"name":"t"},"spec":{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"1"}}}]}})",
       "/status/qosClass", "Burstable"},
      {"core/nodes", R"({"metadata":{"name":"t"}})", "/spec/taints/0/key", "node.kubernetes.io/not-ready"},
      {"core/replicationcontrollers",
       R"({"metadata":{"name":"t"},"spec":{"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})",
       "/spec/selector/a", "b"},
      {"core/replicationcontrollers",
       R"({"metadata":{"name":"t"},"spec":{"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})",
       "/metadata/labels/a", "b"},
      {"apps/daemonsets",
       R"({"metadata":{"name":"t"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})",
       "/metadata/annotations/deprecated.daemonset.template.generation", "1"},
  };
  for (const Stored& row : rows) {
    const Answer made = Post(Collection(row.resource, Namespace()) + "?dryRun=All", row.body);
    EXPECT_STATUS(made, 201) << row.body;
    EXPECT_EQ(made.At(row.pointer), row.value) << row.body;
  }
}

struct Kept {
  const char* resource;
  const char* body;
  const char* patch;
  const char* field;
};

TEST_P(Conformance, ImmutableFieldsOfBuiltInKindsCannotBeChanged) {
  const std::string name = NewName("kept-");
  const std::vector<Kept> rows = {
      {"core/secrets", R"("type":"Opaque")", R"({"type":"other"})", "type"},
      {"core/persistentvolumes",
       R"("spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"}})",
       R"({"spec":{"hostPath":{"path":"/y"}}})", "spec.persistentvolumesource"},
      {"networking.k8s.io/ingressclasses", R"("spec":{"controller":"x.y/z"})",
       R"({"spec":{"controller":"x.y/other"}})", "spec.controller"},
      {"storage.k8s.io/storageclasses", R"("provisioner":"x.y/z")", R"({"provisioner":"x.y/other"})",
       "provisioner"},
      {"apps/statefulsets",
       R"("spec":{"serviceName":"s","selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}})",
       R"({"spec":{"serviceName":"other"}})", "spec"},
  };
  for (const Kept& row : rows) {
    const std::string path = Collection(row.resource, Namespace());
    const Answer made = Post(path, StrCat(R"({"metadata":{"name":")", name, R"("},)", row.body, "}"));
    EXPECT_STATUS(made, 201) << row.body;
    const Answer changed = Merge(StrCat(path, "/", name), row.patch);
    EXPECT_STATUS(changed, 422) << row.patch;
    EXPECT_THAT(changed.fields(), Contains(row.field)) << row.patch << "\n" << changed;
    EXPECT_THAT(Merge(StrCat(path, "/", name), R"({"metadata":{"labels":{"x":"y"}}})").status, 200)
        << row.body;
    Merge(StrCat(path, "/", name), R"({"metadata":{"finalizers":null}})");
    Delete(StrCat(path, "/", name));
  }
}

TEST_P(Conformance, DeletingAJobOrphansItsPodsByDefault) {
  const std::string jobs = Collection("batch/jobs", Namespace());
  const auto make = [&](const char* name) {
    return Post(
        jobs,
        StrCat(
            R"({"metadata":{"name":")", name,
            R"(","finalizers":["a.b/c"]},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}})"));
  };
  ASSERT_STATUS(make("a"), 201);
  EXPECT_THAT(Delete(jobs + "/a").At("/metadata/finalizers"), HasSubstr("orphan"));
  ASSERT_STATUS(make("b"), 201);
  EXPECT_THAT(Delete(jobs + "/b", R"({"propagationPolicy":"Background"})").At("/metadata/finalizers"),
              Not(HasSubstr("orphan")));
  for (const char* name : {"/a", "/b"}) Merge(jobs + name, R"({"metadata":{"finalizers":null}})");
}

TEST_P(Conformance, AStatusWriteChangesLabelsOfBuiltInsExceptDeployments) {
  const std::string services = Collection("core/services", Namespace());
  ASSERT_STATUS(Post(services, R"({"metadata":{"name":"a"},"spec":{"ports":[{"port":80}]}})"), 201);
  EXPECT_EQ(Merge(services + "/a/status", R"({"metadata":{"labels":{"s":"1"}}})").At("/metadata/labels/s"),
            "1");
  const std::string deployments = Collection("apps/deployments", Namespace());
  ASSERT_STATUS(
      Post(
          deployments,
          R"({"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})"),
      201);
  EXPECT_EQ(Merge(deployments + "/a/status", R"({"metadata":{"labels":{"s":"1"}}})").At("/metadata/labels/s"),
            "");
}

TEST_P(Conformance, DeletingSomeKindsReturnsTheDeletedObject) {
  const std::string accounts = Collection("core/serviceaccounts", Namespace());
  ASSERT_STATUS(Post(accounts, R"({"metadata":{"name":"a"}})"), 201);
  EXPECT_EQ(Delete(accounts + "/a").At("/kind"), "ServiceAccount");
  ASSERT_STATUS(Post(ConfigMaps(), R"({"metadata":{"name":"a"}})"), 201);
  EXPECT_EQ(Delete(ConfigMaps() + "/a").At("/kind"), "Status");
}

TEST_P(Conformance, ACreateOwnsItsFieldsAndNoStructureThatAlwaysExists) {
  const Answer made = Post(
      Collection("apps/deployments", Namespace()) + "?dryRun=All",
      R"({"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80}]}]}}}})");
  ASSERT_STATUS(made, 201);
  const std::string owned = made.At("/metadata/managedFields/0/fieldsV1");
  EXPECT_THAT(owned, HasSubstr(R"("f:spec":{"f:)"));
  EXPECT_THAT(owned, HasSubstr(R"("f:metadata":{"f:labels":{".":{},"f:a":{}}})"));
  EXPECT_THAT(owned, HasSubstr(R"("f:containers":{"k:{\"name\":\"c\"}":{".":{},)"));
  EXPECT_THAT(owned,
              HasSubstr(R"("f:ports":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},)"));
  EXPECT_THAT(owned, HasSubstr(R"("f:rollingUpdate":{".":{},"f:maxSurge":{})"));
}

}  // namespace
}  // namespace capstan::conformance
