#include <capstan/local/apiserver/admission/quotas.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/quantity.hpp>
#include <capstan/local/apiserver/catalog/resource.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;

ObjectPtr HardOf(const ObjectPtr& quota) { return json::ObjectIn(json::ObjectIn(quota, "spec"), "hard"); }

std::string Listed(const std::vector<std::string>& names, const Amounts& amounts) {
  std::vector<std::string> texts;
  for (const std::string& name : names) {
    const auto found = amounts.find(name);
    texts.push_back(StrCat(name, "=", found == amounts.end() ? "0" : found->second));
  }
  return Join(texts, ",");
}

std::vector<RecordPtr> RecordsIn(const ObjectStore& store, const Counted& counted,
                                 const std::string& namespace_) {
  const std::string prefix = ResourcePrefix(counted.group, counted.plural);
  const std::string inside = StrCat(prefix, namespace_, "/");
  auto listing = store.List(prefix, inside, inside, 0, 0);
  return listing ? std::move(listing->records) : std::vector<RecordPtr>();
}

bool HasScopes(const ObjectPtr& quota) {
  const ObjectPtr spec = json::ObjectIn(quota, "spec");
  return !json::StringsIn(spec, "scopes").empty() ||
         !json::ObjectsIn(json::ObjectIn(spec, "scopeSelector"), "matchExpressions").empty();
}

}  // namespace

Amounts Quotas::Used(const ObjectPtr& quota, const std::vector<std::string>& names) const {
  const std::string space = MetaString(quota, "namespace");
  const bool scoped = HasScopes(quota);
  Amounts used;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> read;  // names by resource
  for (const std::string& name : names) {
    const Counted counted = CountedUnder(name);
    used[name] = "0";
    if (IsPlainCount(name) && !scoped) {
      used[name] = CanonicalQuantity(std::to_string(RecordsIn(store_, counted, space).size()));
    } else {
      read[{counted.group, counted.plural}].push_back(name);
    }
  }
  for (const auto& [resource, wanted] : read) {
    const auto& [group, plural] = resource;
    for (const RecordPtr& record : RecordsIn(store_, {group, plural}, space)) {
      const auto object = json::ParseObject(record->text, kStoredDepth);
      if (!object || !IsInScope(quota, group, plural, *object)) continue;
      const Amounts usage = UsageOf(group, plural, *object);
      for (const std::string& name : wanted) {
        const auto found = usage.find(name);
        if (found != usage.end()) used[name] = AddQuantities(used[name], found->second);
      }
    }
  }
  return used;
}

Done Quotas::Check(const WriteCall& call, const ObjectPtr& fresh) const {
  const Resource& resource = *call.resource;
  if (!resource.namespaced) return {};
  const auto quotas = RecordsIn(store_, {"", "resourcequotas"}, call.namespace_);
  if (quotas.empty()) return {};
  const Amounts usage = UsageOf(resource.group, resource.plural, fresh);
  const std::string name = MetaString(fresh, "name");
  for (const RecordPtr& record : quotas) {
    const auto quota = json::ParseObject(record->text, kStoredDepth);
    const ObjectPtr hard = quota ? HardOf(*quota) : nullptr;
    if (!hard || !IsInScope(*quota, resource.group, resource.plural, fresh)) continue;
    const auto refused = [&](const std::string& why) {
      return Forbidden(resource.group, resource.plural, name, why);
    };
    std::vector<std::string> limited, exceeded;
    for (const auto& [key, most] : *hard) limited.push_back(key);
    std::sort(limited.begin(), limited.end());
    const bool pod = resource.group.empty() && resource.plural == "pods";
    if (const auto unspecified = pod ? Unspecified(limited, fresh) : std::vector<std::string>();
        !unspecified.empty()) {
      return refused(StrCat("failed quota: ", record->meta.name, ": must specify ", Join(unspecified, ",")));
    }
    limited.erase(std::remove_if(limited.begin(), limited.end(),
                                 [&](const std::string& key) { return usage.count(key) == 0; }),
                  limited.end());
    const Amounts used = Used(*quota, limited);
    Amounts most;
    for (const std::string& key : limited) {
      most[key] = CanonicalQuantity(hard->get(key).toString());
      if (CompareQuantities(AddQuantities(used.at(key), usage.at(key)), most[key]) > 0)
        exceeded.push_back(key);
    }
    if (exceeded.empty()) continue;
    return refused(StrCat("exceeded quota: ", record->meta.name, ", requested: ", Listed(exceeded, usage),
                          ", used: ", Listed(exceeded, used), ", limited: ", Listed(exceeded, most)));
  }
  return {};
}

ObjectPtr Quotas::StatusAfter(const WriteCall& call, const ObjectPtr& quota) const {
  const ObjectPtr hard = HardOf(quota);
  if (!hard) return nullptr;
  const Resource& written = *call.resource;
  const bool quota_itself = written.group.empty() && written.plural == "resourcequotas";
  const ObjectPtr before = json::ObjectIn(json::ObjectIn(quota, "status"), "used");
  std::vector<std::string> names;
  for (const auto& [name, most] : *hard) {
    const Counted counted = CountedUnder(name);
    const bool touched = counted.group == written.group && counted.plural == written.plural;
    if (quota_itself || touched || !before || !before->has(name)) names.push_back(name);
  }
  const Amounts fresh = Used(quota, names);
  ObjectPtr status = json::MakeObject(), used = json::MakeObject();
  status->set("hard", json::Clone(hard));
  for (const auto& [name, most] : *hard) {
    const auto found = fresh.find(name);
    used->set(name, found == fresh.end() ? before->get(name) : json::Tree(found->second));
  }
  status->set("used", used);
  return json::Equal(json::Tree(status), quota->get("status")) ? nullptr : status;
}

}  // namespace capstan::apiserver
