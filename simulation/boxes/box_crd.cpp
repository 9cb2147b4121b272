#include <capstan/core/base/text.hpp>
#include <capstan/simulation/box_provider.hpp>

namespace capstan::simulation {
namespace {

constexpr char kCrdHead[] = R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
"metadata":{"name":"boxes.example.test"},
"spec":{"group":"example.test","scope":"Namespaced","names":{"kind":"Box","plural":"boxes","singular":"box","listKind":"BoxList"},
"versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},
"schema":{"openAPIV3Schema":{"type":"object","properties":{
"spec":{"type":"object","properties":{"name":{"type":"string"},"size":{"type":"integer"},"color":{"type":"string"},
"lids":{"type":"array","items":{"type":"string"}},"lidShape":{"type":"string"},"waitFor":{"type":"string"},
"managementPolicy":{"type":"string"},"createTimeoutSeconds":{"type":"integer"},"adopt":{"type":"object","properties":{"boxID":{"type":"string"},"name":{"type":"string"}}},
"associatedResources":{"x-kubernetes-preserve-unknown-fields":true},
"keySecret":{"x-kubernetes-preserve-unknown-fields":true},"keyHolder":{"type":"string"},"tokenSecret":{"type":"string"},"deletionPolicy":{"type":"string"},
"deletionProtection":{"type":"boolean"},"recreateIfLost":{"type":"boolean"},"allowDestructive":{"type":"boolean"}}},
"status":{"type":"object","properties":{"boxID":{"type":"string"},"progress":{"type":"string"},"note":{"type":"string"},"size":{"type":"integer"},
"keySecret":{"type":"string"},
"extras":{"type":"array","items":{"type":"object","properties":{"kind":{"type":"string"},"id":{"type":"string"},
"name":{"type":"string"},"monthlyCost":{"type":"number"},"goes":{"type":"boolean"}}}},
"plan":{"type":"object","x-kubernetes-preserve-unknown-fields":true},"observedGeneration":{"type":"integer"},
"conditions":{"type":"array","items":{"type":"object","properties":{"type":{"type":"string"},"status":{"type":"string"},
"reason":{"type":"string"},"message":{"type":"string"},"lastTransitionTime":{"type":"string"},
"observedGeneration":{"type":"integer"}}}})";
constexpr char kCrdExternal[] =
    R"(,"external":{"type":"object","properties":{"id":{"type":"string"},"account":{"type":"string"},
"recordedAt":{"type":"string"},"attempts":{"type":"integer"},"doubt":{"type":"boolean"},"absentSince":{"type":"string"},
"emptySince":{"type":"string"},"gone":{"type":"boolean"},"removing":{"type":"boolean"},"credentialsSecret":{"type":"string"},
"surplus":{"type":"array","items":{"type":"string"}},"adopted":{"type":"boolean"},"noticedAt":{"type":"string"},
"approval":{"type":"string"},"approved":{"type":"array","items":{"type":"string"}},
"pending":{"type":"object","properties":{"step":{"type":"string"},"id":{"type":"string"},"attempt":{"type":"integer"},"identity":{"type":"string"},
"account":{"type":"string"},"holder":{"type":"string"},"startedAt":{"type":"string"},"unknownSince":{"type":"string"}}}}})";
constexpr char kCrdTail[] = R"(}}}}}}]}})";

}  // namespace

std::string BoxCrd() { return StrCat(kCrdHead, kCrdExternal, kCrdTail); }
std::string OldBoxCrd() { return StrCat(kCrdHead, kCrdTail); }

}  // namespace capstan::simulation
