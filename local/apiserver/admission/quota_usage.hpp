// What one object takes of a quota, and whether a quota counts it. Pure; thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

// Amounts as Kubernetes writes them, by the names that quotas limit.
using Amounts = std::map<std::string, std::string>;

// Whose objects count under a name: "pods" and "" for "requests.cpu".
struct Counted {
  std::string group, plural;
};
Counted CountedUnder(const std::string& name);
// Whether the number of objects is all there is to know of it.
bool IsPlainCount(const std::string& name);

// What an object of this resource takes.
Amounts UsageOf(std::string_view group, const std::string& plural, const json::ObjectPtr& object);
// Whether the object is in all scopes of the quota.
bool IsInScope(const json::ObjectPtr& quota, std::string_view group, std::string_view plural,
               const json::ObjectPtr& object);
// Which of these names, of processor and memory, a container of the pod says nothing about.
std::vector<std::string> Unsaid(const std::vector<std::string>& names, const json::ObjectPtr& pod);

}  // namespace capstan::apiserver
