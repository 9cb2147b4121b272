// The object for benchmarks: the same text for the same number, so that instruction counts are
// comparable between commits.
#pragma once

#include <string>

#include <capstan/core/base/text.hpp>

namespace capstan::benchmarks {

// A custom resource in the server's format: 1.8 KB, a third of it managedFields.
inline std::string Item(int i) {
  const std::string name = StrCat("cluster-", 100000 + i);
  return StrCat(
      R"({"apiVersion":"anutosh491.dev/v1alpha1","kind":"DigitalOceanCluster","metadata":{"creationTimestamp":"2026-11-22T07:00:00Z","generation":1,"labels":{"app.kubernetes.io/name":")",
      name, R"(","env":"prod","team":"team-)", i % 50,
      R"("},"managedFields":[{"apiVersion":"anutosh491.dev/v1alpha1","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{".":{},"f:app.kubernetes.io/name":{},"f:env":{},"f:team":{}}},"f:spec":{".":{},"f:name":{},"f:nodePools":{},"f:region":{},"f:tags":{},"f:tokenSecret":{},"f:version":{}}},"manager":"bench","operation":"Update","time":"2026-11-22T07:00:00Z"},{"apiVersion":"anutosh491.dev/v1alpha1","fieldsType":"FieldsV1","fieldsV1":{"f:status":{".":{},"f:clusterID":{},"f:conditions":{},"f:endpoint":{},"f:observedGeneration":{},"f:progress":{}}},"manager":"bench","operation":"Update","subresource":"status","time":"2026-11-22T07:00:00Z"}],"name":")",
      name, R"(","namespace":"default","resourceVersion":")", 1000 + i,
      R"(","uid":"6f1f2f3f-0000-4000-8000-)", 100000000000 + i, R"("},"spec":{"name":")", name,
      R"(","nodePools":[{"count":3,"labels":{"tier":"web"},"name":"pool-a","size":"s-2vcpu-2gb"},{"autoScale":true,"count":2,"maxNodes":10,"minNodes":1,"name":"pool-b","size":"s-4vcpu-8gb"},{"count":1,"name":"pool-c","size":"c-8","taints":[{"effect":"NoSchedule","key":"gpu","value":"true"}]}],"region":"nyc1","tags":["production","web-team"],"tokenSecret":"default/dosecret","version":"1.34.1-do.0"},"status":{"clusterID":"bd5f5959-5e1e-4205-a714-)",
      100000000000 + i,
      R"(","conditions":[{"lastTransitionTime":"2026-11-22T07:00:00Z","message":"cluster is running","observedGeneration":1,"reason":"Running","status":"True","type":"Ready"},{"lastTransitionTime":"2026-11-22T07:00:00Z","message":"","observedGeneration":1,"reason":"ReconcileSuccess","status":"True","type":"Synced"}],"endpoint":"https://bd5f5959-5e1e-4205-a714-)",
      100000000000 + i, R"(.k8s.ondigitalocean.com","observedGeneration":1,"progress":"running"}})");
}

}  // namespace capstan::benchmarks
