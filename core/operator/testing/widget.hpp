// For tests of operators: kind Widget (example.dev/v1), its CRD and one object.
#pragma once

#include <string>

#include <capstan/core/kube/kind.hpp>

namespace capstan {

inline kube::Kind WidgetKind(bool namespaced = true) {
  return {"example.dev", "v1", "Widget", "widgets", namespaced};
}

// `status`: the schema of status.properties; empty: no status subresource.
inline std::string WidgetCrd(bool namespaced = true,
                             const std::string& status = "x-kubernetes-preserve-unknown-fields: true") {
  return std::string(R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.dev}
spec:
  group: example.dev
  scope: )") +
         (namespaced ? "Namespaced" : "Cluster") + R"(
  names: {kind: Widget, listKind: WidgetList, plural: widgets, singular: widget}
  versions:
  - name: v1
    served: true
    storage: true
)" + (status.empty() ? "" : "    subresources: {status: {}}\n") +
         R"(    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
          status: {type: object, )" +
         (status.empty() ? "x-kubernetes-preserve-unknown-fields: true" : status) + "}\n";
}

// `spec` and `more` (further metadata) in YAML flow style, such as "size: 3" and "labels: {a: b}".
inline std::string WidgetYaml(const std::string& name, const std::string& spec,
                              const std::string& more = "") {
  return "apiVersion: example.dev/v1\nkind: Widget\nmetadata: {name: " + name +
         (more.empty() ? "" : ", " + more) + "}\nspec: {" + spec + "}\n";
}

}  // namespace capstan
