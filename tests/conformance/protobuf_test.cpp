// Kubernetes' protobuf: built-in kinds are the same in both encodings, and the field tables match
// those of a real server.
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/protobuf_body.hpp>
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

constexpr const char* kProtobuf = "application/vnd.kubernetes.protobuf";

bool SaysNothing(const json::Tree& value) {
  if (json::IsNull(value)) return true;
  if (const json::ObjectPtr object = json::AsObject(value)) return object->size() == 0;
  if (const json::ArrayPtr array = json::AsArray(value)) return array->size() == 0;
  if (value.isString()) return value.extract<std::string>().empty();
  return value.isBoolean() ? !value.convert<bool>() : value.isNumeric() && value.convert<double>() == 0;
}

// Without values that Go writes or omits inconsistently: nulls, zeros, empty values.
json::Tree Plain(const json::Tree& value) {
  if (const json::ObjectPtr object = json::AsObject(value)) {
    json::ObjectPtr plain = json::MakeObject();
    for (const std::string& name : object->getNames()) {
      json::Tree inner = Plain(object->get(name));
      // Go's messages have no kind; protobuf does not transfer the kinds of embedded objects.
      for (json::ObjectPtr claim : name == "volumeClaimTemplates" ? json::ObjectsOf(json::AsArray(inner))
                                                                  : std::vector<json::ObjectPtr>()) {
        claim->remove("kind");
        claim->remove("apiVersion");
      }
      if (!SaysNothing(inner)) plain->set(name, inner);
    }
    return plain;
  }
  if (const json::ArrayPtr array = json::AsArray(value)) {
    json::ArrayPtr plain = json::MakeArray();
    for (const json::Tree& item : *array) plain->add(Plain(item));
    return plain;
  }
  return value;
}

std::string PlainText(const std::string& text) {
  auto tree = json::ParseTree(text);
  return tree ? json::ToText(Plain(*tree)) : "no JSON: " + text;
}

struct Sample {
  const char* group_version;
  const char* plural;
  const char* kind;
  bool namespaced;
  const char* rest;  // in addition to kind and metadata
};

constexpr const char* kContainer =
    R"({"name":"c","image":"i:1","command":["a"],"args":["b"],"workingDir":"/w","ports":[{"name":"p","containerPort":80,"hostPort":81,"protocol":"UDP"}],)"
    R"("env":[{"name":"A","value":"x"},{"name":"B","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},{"name":"C","valueFrom":{"configMapKeyRef":{"name":"m","key":"k","optional":true}}}],)"
    R"("envFrom":[{"prefix":"P_","secretRef":{"name":"s"}}],"resources":{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"100m"}},)"
    R"("volumeMounts":[{"name":"v","mountPath":"/v","readOnly":true,"subPath":"s"}],"livenessProbe":{"exec":{"command":["x"]},"initialDelaySeconds":3},)"
    R"("readinessProbe":{"httpGet":{"path":"/r","port":"p","httpHeaders":[{"name":"H","value":"1"}]}},"lifecycle":{"preStop":{"tcpSocket":{"port":80}}},)"
    R"("securityContext":{"runAsUser":0,"runAsNonRoot":false,"capabilities":{"add":["A"],"drop":["B"]},"seLinuxOptions":{"level":"l"}},"tty":true})";

std::string PodSpec(const char* restart) {
  return StrCat(
      R"({"restartPolicy":")", restart, R"(","containers":[)", kContainer,
      R"(],"volumes":[{"name":"v","emptyDir":{"medium":"Memory","sizeLimit":"1Mi"}},{"name":"w","configMap":{"name":"m","items":[{"key":"k","path":"p"}]}},)"
      R"({"name":"x","projected":{"sources":[{"downwardAPI":{"items":[{"path":"l","fieldRef":{"fieldPath":"metadata.labels"}}]}}]}},{"name":"y","hostPath":{"path":"/h","type":"Directory"}},)"
      R"({"name":"z","persistentVolumeClaim":{"claimName":"c","readOnly":true}}],"nodeSelector":{"a":"b"},"hostAliases":[{"ip":"1.2.3.4","hostnames":["h"]}],)"
      R"("affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"k","operator":"In","values":["v"]}]}]}},)"
      R"("podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":5,"podAffinityTerm":{"topologyKey":"t","labelSelector":{"matchLabels":{"a":"b"}}}}]}},)"
      R"("tolerations":[{"key":"k","operator":"Exists","effect":"NoExecute","tolerationSeconds":0}],"securityContext":{"fsGroup":1,"sysctls":[{"name":"n","value":"v"}]},)"
      R"("topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"t","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"a":"b"}}}],)"
      R"("dnsConfig":{"nameservers":["1.1.1.1"],"options":[{"name":"o","value":"1"}]},"imagePullSecrets":[{"name":"s"}],"hostname":"h","subdomain":"s"})");
}

std::string Workload(const char* more, const char* restart = "Always") {
  return StrCat(R"("spec":{)", more,
                R"("template":{"metadata":{"labels":{"x":"y"},"annotations":{"n":"1"}},"spec":)",
                PodSpec(restart), "}}");
}

std::vector<std::pair<Sample, std::string>> Samples() {
  const std::string selector = R"("selector":{"matchLabels":{"x":"y"}},)";
  return {
      {{"v1", "configmaps", "ConfigMap", true, ""},
       R"("data":{"a":"b"},"binaryData":{"c":"AAE="},"immutable":false)"},
      {{"v1", "secrets", "Secret", true, ""}, R"("data":{"a":"AAE="},"type":"x/y")"},
      {{"v1", "pods", "Pod", true, ""}, StrCat(R"("spec":)", PodSpec("Never"))},
      {{"v1", "services", "Service", true, ""},
       R"("spec":{"type":"NodePort","selector":{"a":"b"},"ports":[{"name":"p","port":80,"targetPort":"http","protocol":"UDP"},{"name":"q","port":81,"targetPort":8080}],"externalIPs":["1.2.3.4"],"sessionAffinity":"ClientIP"})"},
      {{"v1", "serviceaccounts", "ServiceAccount", true, ""},
       R"("secrets":[{"name":"s"}],"imagePullSecrets":[{"name":"p"}],"automountServiceAccountToken":false)"},
      {{"v1", "endpoints", "Endpoints", true, ""},
       R"("subsets":[{"addresses":[{"ip":"10.1.2.3","hostname":"h","targetRef":{"kind":"Pod","name":"p"}}],"ports":[{"name":"n","port":80}]}])"},
      {{"v1", "limitranges", "LimitRange", true, ""},
       R"("spec":{"limits":[{"type":"Container","max":{"cpu":"2"},"default":{"cpu":"1"}}]})"},
      {{"v1", "persistentvolumeclaims", "PersistentVolumeClaim", true, ""},
       R"("spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"storageClassName":"s","selector":{"matchLabels":{"a":"b"}}})"},
      {{"v1", "persistentvolumes", "PersistentVolume", false, ""},
       R"("spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteMany"],"nfs":{"server":"s","path":"/p"},"mountOptions":["m"]})"},
      {{"v1", "resourcequotas", "ResourceQuota", true, ""},
       R"("spec":{"hard":{"pods":"5"},"scopes":["BestEffort"]})"},
      {{"apps/v1", "deployments", "Deployment", true, ""},
       Workload(
           (selector +
            R"("replicas":0,"paused":true,"minReadySeconds":2,"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1,"maxUnavailable":"10%"}},)")
               .c_str())},
      {{"apps/v1", "replicasets", "ReplicaSet", true, ""}, Workload((selector + R"("replicas":2,)").c_str())},
      {{"apps/v1", "daemonsets", "DaemonSet", true, ""},
       Workload((selector + R"("updateStrategy":{"type":"OnDelete"},)").c_str())},
      {{"apps/v1", "statefulsets", "StatefulSet", true, ""},
       Workload(
           (selector +
            R"("serviceName":"s","volumeClaimTemplates":[{"metadata":{"name":"d"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}],)")
               .c_str())},
      {{"batch/v1", "jobs", "Job", true, ""},
       Workload(R"("parallelism":2,"completions":3,"activeDeadlineSeconds":9,)", "Never")},
      {{"networking.k8s.io/v1", "ingresses", "Ingress", true, ""},
       R"("spec":{"ingressClassName":"c","tls":[{"hosts":["h"],"secretName":"s"}],"rules":[{"host":"h.x","http":{"paths":[{"path":"/p","pathType":"Prefix","backend":{"service":{"name":"s","port":{"number":80}}}}]}}]})"},
      {{"networking.k8s.io/v1", "networkpolicies", "NetworkPolicy", true, ""},
       R"("spec":{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}}],"ports":[{"port":"p"}]},{}],"egress":[{"to":[{"namespaceSelector":{}}]}]})"},
      {{"rbac.authorization.k8s.io/v1", "clusterroles", "ClusterRole", false, ""},
       R"("rules":[{"apiGroups":[""],"resources":["pods"],"resourceNames":["n"],"verbs":["get"]},{"nonResourceURLs":["/x"],"verbs":["get"]}],"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]})"},
      {{"rbac.authorization.k8s.io/v1", "rolebindings", "RoleBinding", true, ""},
       R"("roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"s","namespace":"n"},{"kind":"User","name":"u","apiGroup":"rbac.authorization.k8s.io"}])"},
      {{"storage.k8s.io/v1", "storageclasses", "StorageClass", false, ""},
       R"("provisioner":"p.x","parameters":{"a":"b"},"allowVolumeExpansion":true,"mountOptions":["m"],"allowedTopologies":[{"matchLabelExpressions":[{"key":"k","values":["v"]}]}])"},
      {{"scheduling.k8s.io/v1", "priorityclasses", "PriorityClass", false, ""},
       R"("value":7,"description":"d")"},
      {{"coordination.k8s.io/v1", "leases", "Lease", true, ""},
       R"("spec":{"holderIdentity":"h","leaseDurationSeconds":15,"acquireTime":"2026-01-01T00:00:00.123456Z","renewTime":"2026-01-01T00:00:01.000000Z","leaseTransitions":1})"},
      {{"autoscaling/v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true, ""},
       R"("spec":{"scaleTargetRef":{"kind":"Deployment","name":"d","apiVersion":"apps/v1"},"minReplicas":2,"maxReplicas":5,"targetCPUUtilizationPercentage":50})"},
      {{"admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration",
        false, ""},
       R"("webhooks":[{"name":"a.b.c","clientConfig":{"url":"https://127.0.0.1:1/x","caBundle":"AAE="},"rules":[{"apiGroups":["none.x"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["y"],"scope":"*"}],"sideEffects":"None","admissionReviewVersions":["v1"],"failurePolicy":"Ignore"}])"},
  };
}

std::string PathOf(const Sample& sample, const std::string& namespace_) {
  const std::string version = sample.group_version;
  return StrCat(version == "v1" ? "/api/v1" : "/apis/" + version,
                sample.namespaced ? "/namespaces/" + namespace_ : "", "/", sample.plural);
}

// A body without fields that depend on this server's history.
std::string WithoutMetadata(const std::string& text) {
  auto object = json::ParseObject(text);
  if (!object) return text;
  json::ObjectPtr plain = *object;
  plain->remove("metadata");
  plain->remove("status");
  return PlainText(json::ToText(plain));
}

TEST_P(Conformance, ABuiltInIsTheSameInProtobufAndInJson) {
  for (const auto& [sample, rest] : Samples()) {
    const std::string name = NewName("p-"), path = PathOf(sample, Namespace());
    const std::string object =
        StrCat(R"({"apiVersion":")", sample.group_version, R"(","kind":")", sample.kind,
               R"(","metadata":{"name":")", name, R"(","labels":{"l":"m"}},)", rest, "}");
    const Answer made = Post(path, object);
    ASSERT_STATUS(made, 201) << sample.kind;
    const Answer text = Get(path + "/" + name);
    const Answer bytes = Get(path + "/" + name, {{"Accept", kProtobuf}});
    EXPECT_EQ(bytes.headers.Get("Content-Type"), kProtobuf) << sample.kind;
    const auto read = apiserver::JsonOfProtobuf(bytes.body);
    ASSERT_TRUE(read) << sample.kind << ": " << read.error();
    const std::string left = PlainText(*read), right = PlainText(text.body);
    EXPECT_TRUE(json::Equal(std::string_view(left), std::string_view(right))) << sample.kind << "\n"
                                                                              << left << "\n"
                                                                              << right;
    EXPECT_STATUS(Delete(path + "/" + name, R"({"gracePeriodSeconds":0})"), 200);
  }
}

TEST_P(Conformance, ABuiltInIsReadFromProtobufAsFromJson) {
  for (const auto& [sample, rest] : Samples()) {
    const std::string path = PathOf(sample, Namespace());
    const auto object = [&, &rest = rest, &sample = sample](const std::string& name) {
      return StrCat(R"({"apiVersion":")", sample.group_version, R"(","kind":")", sample.kind,
                    R"(","metadata":{"name":")", name, R"("},)", rest, "}");
    };
    const std::string first = NewName("j-"), second = NewName("k-");
    const Answer by_text = Post(path, object(first));
    ASSERT_STATUS(by_text, 201) << sample.kind;
    EXPECT_STATUS(Delete(path + "/" + first, R"({"gracePeriodSeconds":0})"), 200);
    const auto body = apiserver::ProtobufOfJson(object(second));
    ASSERT_TRUE(body) << body.error();
    const Answer by_bytes = Send("POST", path, *body, {{"Content-Type", kProtobuf}});
    ASSERT_STATUS(by_bytes, 201) << sample.kind;
    EXPECT_STATUS(Delete(path + "/" + second, R"({"gracePeriodSeconds":0})"), 200);
    // A Job's own labels and a Service's addresses and ports differ between objects.
    if (std::string_view(sample.kind) == "Job" || std::string_view(sample.kind) == "Service") continue;
    const std::string left = WithoutMetadata(by_bytes.body), right = WithoutMetadata(by_text.body);
    EXPECT_TRUE(json::Equal(std::string_view(left), std::string_view(right))) << left << "\n" << right;
  }
}

TEST_P(Conformance, ADeletionAndAnErrorSpeakProtobuf) {
  ASSERT_STATUS(Post(ConfigMaps(), R"({"metadata":{"name":"a"}})"), 201);
  const auto options = apiserver::ProtobufOfJson(
      R"({"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"00000000-0000-0000-0000-000000000000"}})");
  ASSERT_TRUE(options);
  const http::Headers both = {{"Content-Type", kProtobuf}, {"Accept", kProtobuf}};
  const Answer kept = Send("DELETE", ConfigMaps() + "/a", *options, both);
  EXPECT_EQ(kept.status, 409);
  const auto status = apiserver::JsonOfProtobuf(kept.body);
  ASSERT_TRUE(status) << kept.body;
  EXPECT_EQ((Answer{0, {}, *status}).At("/reason"), "Conflict");
  const auto plain = apiserver::ProtobufOfJson(R"({"apiVersion":"v1","kind":"DeleteOptions"})");
  EXPECT_EQ(Send("DELETE", ConfigMaps() + "/a", *plain, both).status, 200);
}

TEST_P(Conformance, ProtobufOfACustomResourceIsNotAcceptable) {
  EXPECT_EQ(Get(Gears(), {{"Accept", kProtobuf}}).status, 406);
  // A real server closes the connection for such a body on a custom resource.
  if (server().embedded()) {
    EXPECT_EQ(Send("POST", Gears(), std::string("k8s\0", 4), {{"Content-Type", kProtobuf}}).status, 415);
  }
}

TEST_P(Conformance, MalformedProtobufIsRefused) {
  const http::Headers type = {{"Content-Type", kProtobuf}};
  EXPECT_EQ(Send("POST", ConfigMaps(), "{}", type).status, 400);
  EXPECT_EQ(Send("POST", ConfigMaps(), std::string("k8s\0\x0a\xff\xff\xff\x07", 9), type).status, 400);
  const auto body =
      apiserver::ProtobufOfJson(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}})");
  ASSERT_TRUE(body);
  EXPECT_EQ(Send("POST", ConfigMaps(), body->substr(0, body->size() - 12), type).status, 400);
}

}  // namespace
}  // namespace capstan::conformance
