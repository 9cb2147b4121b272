// Pods, workloads, volumes and Services as a table: what a server refuses, and the field that it
// names. The rules of pods apply to templates as well.
#include <capstan/core/base/text.hpp>
#include <capstan/tests/conformance/conformance.hpp>

namespace capstan::conformance {
namespace {

struct RefusedSpec {
  const char* resource;
  const char* spec;
  const char* field;  // of a cause
};

const std::vector<RefusedSpec>& RefusedSpecs() {
  static const std::vector<RefusedSpec> rows = {
      {"core/pods", R"({"containers":[{"name":"c","image":" x"}]})", "spec.containers[0].image"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i","ports":[{"containerPort":80,"name":"a"},{"containerPort":81,"name":"a"}]}]})",
       "spec.containers[0].ports[1].name"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i","ports":[{"containerPort":80,"name":"much-too-long-a-name"}]}]})",
       "spec.containers[0].ports[0].name"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i","ports":[{"containerPort":80,"hostPort":81}]}],"hostNetwork":true})",
       "spec.containers[0].ports[0].containerPort"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i","env":[{"name":"a","value":"x","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]}]})",
       "spec.containers[0].env[0].valueFrom"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i","env":[{"name":"a","valueFrom":{"fieldRef":{"fieldPath":"metadata.zork"}}}]}]})",
       "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i","env":[{"name":"a","valueFrom":{}}]}]})",
       "spec.containers[0].env[0].valueFrom"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i","env":[{"name":"a","valueFrom":{"secretKeyRef":{"name":"x","key":""}}}]}]})",
       "spec.containers[0].env[0].valueFrom.secretKeyRef.key"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i","envFrom":[{}]}]})",
       "spec.containers[0].envFrom"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1"},"requests":{"cpu":"2"}}}]})",
       "spec.containers[0].resources.requests"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"-1"}}}]})",
       "spec.containers[0].resources.requests[cpu]"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i","resources":{"requests":{"foo":"1"}}}]})",
       "spec.containers[0].resources.requests[foo]"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i","resources":{"limits":{"a.b/c":"1.5"}}}]})",
       "spec.containers[0].resources.limits[a.b/c]"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i","resources":{"requests":{"a.b/c":"1"}}}]})",
       "spec.containers[0].resources.limits"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i","resources":{"limits":{"hugepages-2Mi":"4Mi"}}}]})",
       "spec.containers[0].resources"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i","livenessProbe":{}}]})",
       "spec.containers[0].livenessProbe"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i","livenessProbe":{"httpGet":{"port":80},"exec":{"command":["a"]}}}]})",
       "spec.containers[0].livenessProbe.httpGet"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i","readinessProbe":{"tcpSocket":{"port":0}}}]})",
       "spec.containers[0].readinessProbe.tcpSocket.port"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i","livenessProbe":{"exec":{"command":["a"]},"successThreshold":2}}]})",
       "spec.containers[0].livenessProbe.successThreshold"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i","startupProbe":{"exec":{"command":[]}}}]})",
       "spec.containers[0].startupProbe.exec.command"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i","lifecycle":{"preStop":{}}}]})",
       "spec.containers[0].lifecycle.preStop"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"v","mountPath":"/a"}]}]})",
       "spec.containers[0].volumeMounts[0].name"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"v","mountPath":"/a"},{"name":"v","mountPath":"/a"}]}],"volumes":[{"name":"v","emptyDir":{}}]})",
       "spec.containers[0].volumeMounts[1].mountPath"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i","volumeDevices":[{"name":"v","devicePath":"/d"}]}]})",
       "spec.containers[0].volumeDevices[0].name"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i","securityContext":{"runAsUser":-1}}]})",
       "spec.containers[0].securityContext.runAsUser"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i","securityContext":{"privileged":true,"allowPrivilegeEscalation":false}}]})",
       "spec.containers[0].securityContext"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v"},{"name":"v"}]})",
       "spec.volumes[1].name"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","emptyDir":{},"hostPath":{"path":"/x"}}]})",
       "spec.volumes[0].hostPath"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","secret":{}}]})",
       "spec.volumes[0].secret.secretName"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","secret":{"secretName":"x","defaultMode":1000}}]})",
       "spec.volumes[0].secret.defaultMode"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","configMap":{"name":"x","items":[{"key":"a","path":"/b"}]}}]})",
       "spec.volumes[0].configMap.items[0].path"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","configMap":{"name":"x","items":[{"key":"a","path":"../b"}]}}]})",
       "spec.volumes[0].configMap.items[0].path"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":""}}]})",
       "spec.volumes[0].persistentVolumeClaim.claimName"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","projected":{"sources":[{"serviceAccountToken":{"path":"t","expirationSeconds":5}}]}}]})",
       "spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","downwardAPI":{"items":[{"path":"x"}]}}]})",
       "spec.volumes[0].downwardAPI"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","nfs":{"server":"s","path":"a"}}]})",
       "spec.volumes[0].nfs.path"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","csi":{"driver":""}}]})",
       "spec.volumes[0].csi.driver"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i"}],"securityContext":{"fsGroup":-1}})",
       "spec.securityContext.fsGroup"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"securityContext":{"supplementalGroups":[-1]}})",
       "spec.securityContext.supplementalGroups[0]"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"tolerations":[{"key":"a","operator":"Exists","value":"b"}]})",
       "spec.tolerations[0].operator"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"tolerations":[{"key":"a","tolerationSeconds":5}]})",
       "spec.tolerations[0].effect"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i"}],"tolerations":[{"operator":"Equal"}]})",
       "spec.tolerations[0].operator"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i"}],"nodeSelector":{"a b":"c"}})",
       "spec.nodeSelector"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[]}}}})",
       "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":0,"preference":{}}]}}})",
       "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":""}]}}})",
       "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"a","whenUnsatisfiable":"DoNotSchedule"},{"maxSkew":1,"topologyKey":"a","whenUnsatisfiable":"DoNotSchedule"}]})",
       "spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i"}],"hostname":"A_"})", "spec.hostname"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i"}],"nodeName":"A_B"})", "spec.nodeName"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i"}],"dnsPolicy":"None"})", "spec.dnsConfig"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i"}],"dnsConfig":{"nameservers":["x"]}})",
       "spec.dnsConfig.nameservers[0]"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"readinessGates":[{"conditionType":"A_ b"}]})",
       "spec.readinessGates[0].conditionType"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"shareProcessNamespace":true,"hostPID":true})",
       "spec.securityContext.shareProcessNamespace"},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"initContainers":[{"name":"x","image":"i","livenessProbe":{"exec":{"command":["a"]}}}]})",
       "spec.initContainers[0].livenessProbe"},
      {"apps/deployments",
       R"({"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}},"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":0}}})",
       "spec.strategy.rollingUpdate.maxUnavailable"},
      {"apps/deployments",
       R"({"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}},"strategy":{"rollingUpdate":{"maxSurge":"x%"}}})",
       "spec.strategy.rollingUpdate.maxSurge"},
      {"apps/deployments",
       R"({"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}},"strategy":{"rollingUpdate":{"maxUnavailable":"150%"}}})",
       "spec.strategy.rollingUpdate.maxUnavailable"},
      {"apps/deployments",
       R"({"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}},"progressDeadlineSeconds":5,"minReadySeconds":6})",
       "spec.progressDeadlineSeconds"},
      {"apps/deployments",
       R"({"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","livenessProbe":{}}]}}})",
       "spec.template.spec.containers[0].livenessProbe"},
      {"apps/daemonsets",
       R"({"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}},"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":0}}})",
       "spec.updateStrategy.rollingUpdate.maxUnavailable"},
      {"apps/daemonsets",
       R"({"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}},"minReadySeconds":-1})",
       "spec.minReadySeconds"},
      {"apps/statefulsets",
       R"({"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}},"serviceName":"s","updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":-1}}})",
       "spec.updateStrategy.rollingUpdate.partition"},
      {"apps/statefulsets",
       R"({"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}},"serviceName":"s","updateStrategy":{"type":"OnDelete","rollingUpdate":{"partition":1}}})",
       "spec.updateStrategy.rollingUpdate"},
      {"apps/statefulsets",
       R"({"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}],"activeDeadlineSeconds":5}},"serviceName":"s"})",
       "spec.template.spec.activeDeadlineSeconds"},
      {"batch/jobs",
       R"({"manualSelector":true,"template":{"spec":{"containers":[{"name":"c","image":"i"}],"restartPolicy":"Never"}}})",
       "spec.selector"},
      {"core/persistentvolumeclaims",
       R"({"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"0"}}})",
       "spec.resources[storage]"},
      {"core/persistentvolumeclaims",
       R"({"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"selector":{"matchLabels":{"a b":"c"}}})",
       "spec.selector.matchLabels"},
      {"core/persistentvolumeclaims",
       R"({"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"storageClassName":"A_B"})",
       "spec.storageClassName"},
      {"core/persistentvolumes",
       R"({"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"../x"}})",
       "spec.hostPath.path"},
      {"core/persistentvolumes",
       R"({"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"},"nodeAffinity":{}})",
       "spec.nodeAffinity.required"},
      {"core/persistentvolumes",
       R"({"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"csi":{"driver":"x"}})",
       "spec.csi.volumeHandle"},
      {"core/persistentvolumes",
       R"({"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"local":{"path":"/x"}})",
       "spec.nodeAffinity"},
      {"core/services", R"({"ports":[{"port":80}],"clusterIP":"x"})", "spec.clusterIPs[0]"},
      {"core/services", R"({"ports":[{"port":80}],"clusterIP":"1.2.3.4"})", "spec.clusterIPs"},
      {"core/services", R"({"ports":[{"port":80,"name":"a"},{"port":80,"name":"b"}]})", "spec.ports[1]"},
      {"core/services", R"({"ports":[{"port":80,"name":"A"}]})", "spec.ports[0].name"},
      {"core/services", R"({"ports":[{"port":80,"targetPort":"abcdefghijklmnopq"}]})",
       "spec.ports[0].targetPort"},
      {"core/services", R"({"ports":[{"port":80,"targetPort":70000}]})", "spec.ports[0].targetPort"},
      {"core/services", R"({"ports":[{"port":80,"nodePort":30001}]})", "spec.ports[0].nodePort"},
      {"core/services", R"({"ports":[{"port":80,"nodePort":5}],"type":"NodePort"})",
       "spec.ports[0].nodePort"},
      {"core/services",
       R"({"ports":[{"port":80}],"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":0}}})",
       "spec.sessionAffinityConfig.clientIP.timeoutSeconds"},
      {"core/services", R"({"ports":[{"port":80}],"externalTrafficPolicy":"Local"})",
       "spec.externalTrafficPolicy"},
      {"core/services", R"({"ports":[{"port":80}],"externalIPs":["x"]})", "spec.externalIPs[0]"},
      {"core/services", R"({"ports":[{"port":80}],"externalIPs":["127.0.0.1"]})", "spec.externalIPs[0]"},
      {"core/services", R"({"ports":[{"port":80}],"healthCheckNodePort":30000})", "spec.healthCheckNodePort"},
  };
  return rows;
}

std::string CollectionOf(std::string_view resource, const std::string& namespace_) {
  const std::size_t slash = resource.find('/');
  const std::string group(resource.substr(0, slash)), plural(resource.substr(slash + 1));
  return StrCat(group == "core" ? "/api/v1" : StrCat("/apis/", group, "/v1"),
                plural == "persistentvolumes" ? "" : StrCat("/namespaces/", namespace_), "/", plural);
}

TEST_P(Conformance, SpecsOfBuiltInKindsAreRefusedWithTheFieldThatIsWrong) {
  for (const RefusedSpec& row : RefusedSpecs()) {
    const Answer made = Post(CollectionOf(row.resource, Namespace()),
                             StrCat(R"({"metadata":{"name":"t"},"spec":)", row.spec, "}"));
    EXPECT_STATUS(made, 422) << row.resource << " " << row.spec;
    EXPECT_THAT(made.fields(), Contains(row.field)) << row.resource << " " << row.spec << "\n" << made;
  }
}

struct ChangedSpec {
  const char* resource;
  const char* spec;
  const char* patch;
  const char* field;  // of a cause; empty: the change is accepted
};

TEST_P(Conformance, SpecsOfBuiltInKindsChangeWhereTheyMay) {
  const std::vector<ChangedSpec> rows = {
      {"core/pods", R"({"containers":[{"name":"c","image":"i"}],"activeDeadlineSeconds":5})",
       R"({"spec":{"activeDeadlineSeconds":6}})", "spec.activeDeadlineSeconds"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i"}],"activeDeadlineSeconds":5})",
       R"({"spec":{"activeDeadlineSeconds":4}})", ""},
      {"core/pods",
       R"({"containers":[{"name":"c","image":"i"}],"tolerations":[{"key":"a","operator":"Exists"}]})",
       R"({"spec":{"tolerations":null}})", "spec.tolerations"},
      {"core/pods", R"({"containers":[{"name":"c","image":"i"}]})",
       R"({"spec":{"terminationGracePeriodSeconds":1}})", "spec"},
      {"core/persistentvolumeclaims",
       R"({"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}})",
       R"({"spec":{"resources":{"requests":{"storage":"2Gi"}}}})", "spec"},
      {"core/persistentvolumeclaims",
       R"({"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}})",
       R"({"spec":{"volumeName":"v"}})", ""},
      {"core/persistentvolumes",
       R"({"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"}})",
       R"({"spec":{"volumeMode":"Block"}})", "volumeMode"},
      {"batch/jobs",
       R"({"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}})",
       R"({"spec":{"completions":2}})", "spec.completions"},
      {"apps/statefulsets",
       R"({"serviceName":"s","selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}})",
       R"({"spec":{"template":{"spec":{"containers":[{"name":"c","image":"other"}]}}}})", ""},
      {"apps/statefulsets",
       R"({"serviceName":"s","selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}})",
       R"({"spec":{"podManagementPolicy":"Parallel"}})", "spec"},
  };
  for (const ChangedSpec& row : rows) {
    const std::string name = NewName("changed-"), path = CollectionOf(row.resource, Namespace());
    EXPECT_STATUS(Post(path, StrCat(R"({"metadata":{"name":")", name, R"("},"spec":)", row.spec, "}")), 201)
        << row.resource << " " << row.spec;
    const Answer changed = Merge(StrCat(path, "/", name), row.patch);
    EXPECT_STATUS(changed, *row.field == '\0' ? 200 : 422) << row.resource << " " << row.patch;
    if (*row.field != '\0') {
      EXPECT_THAT(changed.fields(), Contains(row.field)) << row.patch << "\n" << changed;
    }
    Merge(StrCat(path, "/", name), R"({"metadata":{"finalizers":null}})");
    Delete(StrCat(path, "/", name, "?gracePeriodSeconds=0"));
  }
}

TEST_P(Conformance, AServiceThatChangesItsTypeLosesWhatBelongedToTheOldOne) {
  const std::string services = CollectionOf("core/services", Namespace());
  const Answer made =
      Post(services, R"({"metadata":{"name":"s"},"spec":{"type":"NodePort","ports":[{"port":80}]}})");
  ASSERT_STATUS(made, 201);
  EXPECT_THAT(made.At("/spec/ports/0/nodePort"), ::testing::MatchesRegex("3[0-2][0-9]+")) << "one is given";
  const Answer inside = Merge(services + "/s", R"({"spec":{"type":"ClusterIP"}})");
  EXPECT_STATUS(inside, 200);
  EXPECT_EQ(inside.At("/spec/ports/0/nodePort"), "");
  EXPECT_EQ(inside.At("/spec/externalTrafficPolicy"), "");
  EXPECT_EQ(inside.At("/spec/clusterIP"), made.At("/spec/clusterIP"));
  const Answer named =
      Merge(services + "/s", R"({"spec":{"type":"ExternalName","externalName":"x.y","clusterIP":null}})");
  EXPECT_STATUS(named, 200);
  EXPECT_EQ(named.At("/spec/clusterIP"), "");
}

TEST_P(Conformance, ClaimsAndVolumesAreHeldWhileTheyMayBeUsed) {
  const std::string claims = CollectionOf("core/persistentvolumeclaims", Namespace());
  const Answer claim = Post(
      claims,
      R"({"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}})");
  ASSERT_STATUS(claim, 201);
  EXPECT_EQ(claim.At("/metadata/finalizers"), R"(["kubernetes.io/pvc-protection"])");
  const std::string pods = CollectionOf("core/pods", Namespace());
  ASSERT_STATUS(
      Post(
          pods,
          R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"c"}}]}})"),
      201);
  EXPECT_STATUS(Delete(claims + "/c"), 200);
  Sleep(std::chrono::seconds(1));
  EXPECT_NE(Get(claims + "/c").At("/metadata/deletionTimestamp"), "") << "a pod mounts it";
  const Answer pod = Delete(pods + "/p?gracePeriodSeconds=0");
  EXPECT_STATUS(pod, 200);
  EXPECT_EQ(pod.At("/metadata/deletionGracePeriodSeconds"), "0") << "the last state says how long it had";
  // With an API server alone, no controller removes the protection finalizers.
  if (server().embedded()) {
    EXPECT_TRUE(Eventually("the claim goes after its pod", [&] { return Get(claims + "/c").status == 404; }));
  }
  Merge(claims + "/c", R"({"metadata":{"finalizers":null}})");
  const std::string name = NewName("held-"), volumes = CollectionOf("core/persistentvolumes", "");
  const Answer volume = Post(
      volumes,
      StrCat(
          R"({"metadata":{"name":")", name,
          R"("},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"}}})"));
  ASSERT_STATUS(volume, 201);
  EXPECT_EQ(volume.At("/metadata/finalizers"), R"(["kubernetes.io/pv-protection"])");
  Merge(StrCat(volumes, "/", name), R"({"metadata":{"finalizers":null}})");
  Delete(StrCat(volumes, "/", name));
}

TEST_P(Conformance, APodOnANodeIsDeletedImmediatelyWithAGracePeriodOfZero) {
  const std::string pods = CollectionOf("core/pods", Namespace());
  const char* pod =
      R"({"metadata":{"name":"p"},"spec":{"nodeName":"n1","containers":[{"name":"c","image":"i"}]}})";
  ASSERT_STATUS(Post(pods, pod), 201);
  EXPECT_STATUS(Send("DELETE", pods + "/p?gracePeriodSeconds=0"), 200);
  EXPECT_STATUS(Get(pods + "/p"), 404);
}

TEST_P(Conformance, ReviewsAndTokenRequestsReturnTheirSubject) {
  struct Row {
    const char* path;
    const char* spec;
    int status;
  };
  const std::string tokens = "/api/v1/namespaces/" + Namespace() + "/serviceaccounts/s/token";
  ASSERT_STATUS(
      Post("/api/v1/namespaces/" + Namespace() + "/serviceaccounts", R"({"metadata":{"name":"s"}})"), 201);
  const std::string local =
      "/apis/authorization.k8s.io/v1/namespaces/" + Namespace() + "/localsubjectaccessreviews";
  for (const Row& row : std::vector<Row>{
           {"/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "{}", 422},
           {"/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            R"({"resourceAttributes":{"verb":"get"},"nonResourceAttributes":{"path":"/x"}})", 422},
           {"/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "{}", 400},
           {"/apis/authentication.k8s.io/v1/tokenreviews", "{}", 400},
           {local.c_str(), R"({"user":"x","resourceAttributes":{"namespace":"other","verb":"get"}})", 422},
           {tokens.c_str(), R"({"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"none"}})", 404},
           {tokens.c_str(), R"({"boundObjectRef":{"kind":"X","name":"x"}})", 400},
       }) {
    EXPECT_STATUS(Post(row.path, StrCat(R"({"spec":)", row.spec, "}")), row.status) << row.path << row.spec;
  }
  EXPECT_STATUS(Get(ConfigMaps() + "?labelSelector=a%3Eb"), 400);
  EXPECT_STATUS(Get(ConfigMaps() + "?labelSelector=a%3E5"), 200);
}

struct RefusedQuota {
  const char* resource;
  const char* spec;
  const char* field;
};

TEST_P(Conformance, QuotasLimitsAndRolesAreRefusedWithTheFieldThatIsWrong) {
  for (
      const RefusedQuota& row : std::vector<RefusedQuota>{
          {"core/resourcequotas", R"("spec":{"hard":{"foo":"1"}})", "spec.hard[foo]"},
          {"core/resourcequotas", R"("spec":{"hard":{"pods":"-1"}})", "spec.hard[pods]"},
          {"core/limitranges",
           R"("spec":{"limits":[{"type":"Container","min":{"cpu":"2"},"max":{"cpu":"1"}}]})",
           "spec.limits[0].min[cpu]"},
          {"core/limitranges", R"("spec":{"limits":[{"type":"Pod","default":{"cpu":"1"}}]})",
           "spec.limits[0].default"},
          {"networking.k8s.io/ingresses",
           R"("spec":{"ingressClassName":"A_","defaultBackend":{"service":{"name":"s","port":{"number":80}}}})",
           "spec.ingressClassName"},
          {"networking.k8s.io/networkpolicies",
           R"("spec":{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"x"}}]}]})",
           "spec.ingress[0].from[0].ipBlock.cidr"},
          {"networking.k8s.io/networkpolicies",
           R"("spec":{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16","11.0.0.0/16"]}}]}]})",
           "spec.ingress[0].from[0].ipBlock.except[1]"},
          {"core/resourcequotas", R"("spec":{"hard":{"pods":"1"},"scopes":["Bogus"]})", "spec.scopes"},
          {"core/resourcequotas", R"("spec":{"hard":{"cpu":"1"},"scopes":["BestEffort"]})", "spec.scopes"},
          {"core/resourcequotas", R"("spec":{"hard":{"pods":"1"},"scopes":["Terminating","NotTerminating"]})",
           "spec.scopes"},
          {"core/resourcequotas",
           R"("spec":{"hard":{"pods":"1"},"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In"}]}})",
           "spec.scopeSelector.matchExpressions.values"},
          {"core/resourcequotas",
           R"("spec":{"hard":{"pods":"1"},"scopeSelector":{"matchExpressions":[{"scopeName":"BestEffort","operator":"In","values":["x"]}]}})",
           "spec.scopeSelector.matchExpressions.operator"},
          {"rbac.authorization.k8s.io/rolebindings",
           R"("roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"u","apiGroup":"x"}])",
           "subjects[0].apiGroup"},
      }) {
    const Answer made =
        Post(CollectionOf(row.resource, Namespace()), StrCat(R"({"metadata":{"name":"t"},)", row.spec, "}"));
    EXPECT_STATUS(made, 422) << row.resource << " " << row.spec;
    EXPECT_THAT(made.fields(), Contains(row.field)) << row.resource << " " << row.spec << "\n" << made;
  }
}

TEST_P(Conformance, APatchThatTakesTheNameAwayIsRefused) {
  ASSERT_STATUS(Post(ConfigMaps(), R"({"metadata":{"name":"a"}})"), 201);
  const Answer patched = Merge(ConfigMaps() + "/a", R"({"metadata":null})");
  EXPECT_STATUS(patched, 400);
  EXPECT_THAT(patched.message(), HasSubstr("name must be provided"));
}

}  // namespace
}  // namespace capstan::conformance
