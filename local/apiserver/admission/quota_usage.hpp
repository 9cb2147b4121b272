// How much of a quota an object uses, and whether the quota counts it. Pure; thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

// Kubernetes quantities by the names that quotas limit.
using Amounts = std::map<std::string, std::string>;

// The kind and field that a name counts: "pods" and "" for "requests.cpu".
struct Counted {
  std::string group, plural;
};
Counted CountedUnder(const std::string& name);
// Whether the name counts objects.
bool IsPlainCount(const std::string& name);

// The usage of one object of this resource.
Amounts UsageOf(std::string_view group, const std::string& plural, const json::ObjectPtr& object);
// Whether the object is in all scopes of the quota.
bool IsInScope(const json::ObjectPtr& quota, std::string_view group, std::string_view plural,
               const json::ObjectPtr& object);
// Those of these names (for cpu and memory) that some container of the pod does not specify.
std::vector<std::string> Unspecified(const std::vector<std::string>& names, const json::ObjectPtr& pod);

}  // namespace capstan::apiserver
