#include <capstan/local/apiserver/admission/quota_usage.hpp>

#include <algorithm>
#include <optional>
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/quantity.hpp>
#include <capstan/local/apiserver/api/value.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;

constexpr std::string_view kClasses = ".storageclass.storage.k8s.io/";
constexpr std::string_view kAmountNames[] = {"cpu",        "memory",       "requests.cpu", "requests.memory",
                                             "limits.cpu", "limits.memory"};

bool BeginsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

void Add(Amounts& amounts, const std::string& name, const std::string& amount) {
  std::string& sum = amounts[name];
  sum = sum.empty() ? CanonicalQuantity(amount) : AddQuantities(sum, amount);
}

void AddAll(Amounts& amounts, const ObjectPtr& more) {
  if (!more) return;
  for (const auto& [name, amount] : *more) Add(amounts, name, amount.toString());
}

// Init containers run one after the other, so the maximum of their requests counts.
void Raise(Amounts& amounts, const ObjectPtr& least) {
  if (!least) return;
  for (const auto& [name, amount] : *least) {
    std::string& sum = amounts[name];
    if (sum.empty() || CompareQuantities(sum, amount.toString()) < 0)
      sum = CanonicalQuantity(amount.toString());
  }
}

Amounts SumOf(const ObjectPtr& spec, const char* part) {
  Amounts sum;
  for (const ObjectPtr& container : json::ObjectsIn(spec, "containers"))
    AddAll(sum, json::ObjectIn(json::ObjectIn(container, "resources"), part));
  for (const ObjectPtr& container : json::ObjectsIn(spec, "initContainers"))
    Raise(sum, json::ObjectIn(json::ObjectIn(container, "resources"), part));
  AddAll(sum, json::ObjectIn(spec, "overhead"));
  return sum;
}

bool HasEnded(const ObjectPtr& pod) {
  const std::string phase = TextIn(json::ObjectIn(pod, "status"), "phase");
  return phase == "Succeeded" || phase == "Failed";
}

Amounts UsageOfPod(const ObjectPtr& pod) {
  Amounts usage{{"count/pods", "1"}};
  if (HasEnded(pod)) return usage;
  usage["pods"] = "1";
  const ObjectPtr spec = json::ObjectIn(pod, "spec");
  for (const auto& [name, amount] : SumOf(spec, "requests")) {
    const bool plain =
        name == "cpu" || name == "memory" || name == "ephemeral-storage" || BeginsWith(name, "hugepages-");
    const bool extended = name.find('/') != std::string::npos;
    if (plain) usage[name] = amount;
    if (plain || extended) usage["requests." + name] = amount;
  }
  for (const auto& [name, amount] : SumOf(spec, "limits")) {
    if (name == "cpu" || name == "memory" || name == "ephemeral-storage") usage["limits." + name] = amount;
  }
  return usage;
}

Amounts UsageOfClaim(const ObjectPtr& claim) {
  Amounts usage{{"count/persistentvolumeclaims", "1"}, {"persistentvolumeclaims", "1"}};
  const ObjectPtr spec = json::ObjectIn(claim, "spec");
  const std::string storage =
                        TextIn(json::ObjectIn(json::ObjectIn(spec, "resources"), "requests"), "storage"),
                    named = TextIn(spec, "storageClassName");
  if (!storage.empty()) usage["requests.storage"] = storage;
  if (named.empty()) return usage;
  usage[StrCat(named, kClasses, "persistentvolumeclaims")] = "1";
  if (!storage.empty()) usage[StrCat(named, kClasses, "requests.storage")] = storage;
  return usage;
}

Amounts UsageOfService(const ObjectPtr& service) {
  Amounts usage{{"count/services", "1"}, {"services", "1"}};
  const ObjectPtr spec = json::ObjectIn(service, "spec");
  const std::string type = TextIn(spec, "type"),
                    ports = std::to_string(json::ObjectsIn(spec, "ports").size());
  if (type == "LoadBalancer") usage["services.loadbalancers"] = "1";
  if (type == "NodePort" || type == "LoadBalancer") usage["services.nodeports"] = ports;
  return usage;
}

// BestEffort: no container has a request or a limit for cpu or memory.
bool IsBestEffort(const ObjectPtr& pod) {
  for (const char* list : {"containers", "initContainers"}) {
    for (const ObjectPtr& container : json::ObjectsIn(json::ObjectIn(pod, "spec"), list)) {
      for (const char* part : {"requests", "limits"}) {
        const ObjectPtr amounts = json::ObjectIn(json::ObjectIn(container, "resources"), part);
        if (amounts && (amounts->has("cpu") || amounts->has("memory"))) return false;
      }
    }
  }
  return true;
}

bool LooksAcrossNamespaces(const ObjectPtr& pod) {
  const ObjectPtr affinity = json::ObjectIn(json::ObjectIn(pod, "spec"), "affinity");
  const auto crosses = [](const ObjectPtr& term) {
    return !json::StringsIn(term, "namespaces").empty() || json::ObjectIn(term, "namespaceSelector");
  };
  for (const char* kind : {"podAffinity", "podAntiAffinity"}) {
    const ObjectPtr one = json::ObjectIn(affinity, kind);
    for (const ObjectPtr& term : json::ObjectsIn(one, "requiredDuringSchedulingIgnoredDuringExecution")) {
      if (crosses(term)) return true;
    }
    for (const ObjectPtr& term : json::ObjectsIn(one, "preferredDuringSchedulingIgnoredDuringExecution")) {
      if (crosses(json::ObjectIn(term, "podAffinityTerm"))) return true;
    }
  }
  return false;
}

struct Scope {
  std::string name, word = "Exists";
  std::vector<std::string> values = {};
};

bool IsIn(const Scope& scope, const ObjectPtr& pod) {
  const ObjectPtr spec = json::ObjectIn(pod, "spec");
  const bool ends = json::IntegerIn(spec, "activeDeadlineSeconds").value_or(-1) >= 0;
  if (scope.name == "Terminating") return ends;
  if (scope.name == "NotTerminating") return !ends;
  if (scope.name == "BestEffort") return IsBestEffort(pod);
  if (scope.name == "NotBestEffort") return !IsBestEffort(pod);
  if (scope.name == "CrossNamespacePodAffinity") return LooksAcrossNamespaces(pod);
  if (scope.name != "PriorityClass") return false;
  const std::string given = TextIn(spec, "priorityClassName");
  const bool named =
      !given.empty() && std::find(scope.values.begin(), scope.values.end(), given) != scope.values.end();
  if (scope.word == "In") return named;
  if (scope.word == "NotIn") return !named;
  return (scope.word == "Exists") == !given.empty();
}

std::vector<Scope> ScopesOf(const ObjectPtr& quota) {
  const ObjectPtr spec = json::ObjectIn(quota, "spec");
  std::vector<Scope> scopes;
  for (const std::string& name : json::StringsIn(spec, "scopes")) scopes.push_back({name});
  for (const ObjectPtr& one : json::ObjectsIn(json::ObjectIn(spec, "scopeSelector"), "matchExpressions"))
    scopes.push_back({TextIn(one, "scopeName"), TextIn(one, "operator"), json::StringsIn(one, "values")});
  return scopes;
}

}  // namespace

Counted CountedUnder(const std::string& name) {
  constexpr std::string_view kCount = "count/";
  if (BeginsWith(name, kCount)) {
    const std::string rest = name.substr(kCount.size());
    const std::size_t dot = rest.find('.');
    if (dot == std::string::npos) return {"", rest};
    return {rest.substr(dot + 1), rest.substr(0, dot)};
  }
  if (name == "requests.storage" || name.find(kClasses) != std::string::npos)
    return {"", "persistentvolumeclaims"};
  if (BeginsWith(name, "services.")) return {"", "services"};
  const bool amount = name == "cpu" || name == "memory" || name == "ephemeral-storage" ||
                      BeginsWith(name, "requests.") || BeginsWith(name, "limits.") ||
                      BeginsWith(name, "hugepages-");
  return {"", amount ? "pods" : name};
}

bool IsPlainCount(const std::string& name) {
  if (BeginsWith(name, "count/")) return true;
  return CountedUnder(name).plural == name && name != "pods";
}

Amounts UsageOf(std::string_view group, const std::string& plural, const ObjectPtr& object) {
  if (group.empty() && plural == "pods") return UsageOfPod(object);
  if (group.empty() && plural == "persistentvolumeclaims") return UsageOfClaim(object);
  if (group.empty() && plural == "services") return UsageOfService(object);
  Amounts usage{{group.empty() ? "count/" + plural : StrCat("count/", plural, ".", group), "1"}};
  if (group.empty()) usage[plural] = "1";
  return usage;
}

bool IsInScope(const ObjectPtr& quota, std::string_view group, std::string_view plural,
               const ObjectPtr& object) {
  const std::vector<Scope> scopes = ScopesOf(quota);
  const bool pod = group.empty() && plural == "pods";
  return std::all_of(scopes.begin(), scopes.end(),
                     [&](const Scope& scope) { return pod && IsIn(scope, object); });
}

std::vector<std::string> Unspecified(const std::vector<std::string>& names, const ObjectPtr& pod) {
  std::set<std::string> unspecified;
  for (const char* list : {"containers", "initContainers"}) {
    for (const ObjectPtr& container : json::ObjectsIn(json::ObjectIn(pod, "spec"), list)) {
      const ObjectPtr resources = json::ObjectIn(container, "resources");
      for (const std::string& name : names) {
        if (std::find(std::begin(kAmountNames), std::end(kAmountNames), name) == std::end(kAmountNames))
          continue;
        const bool limit = BeginsWith(name, "limits.");
        const ObjectPtr said = json::ObjectIn(resources, limit ? "limits" : "requests");
        const std::string bare = name.find('.') == std::string::npos ? name : name.substr(name.find('.') + 1);
        if (!said || !said->has(bare)) unspecified.insert(name);
      }
    }
  }
  return {unspecified.begin(), unspecified.end()};
}

}  // namespace capstan::apiserver
