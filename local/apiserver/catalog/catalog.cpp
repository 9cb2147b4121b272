#include <capstan/local/apiserver/catalog/catalog.hpp>

#include <algorithm>
#include <cctype>
#include <tuple>

namespace capstan::apiserver {
namespace {

struct ParsedVersion {
  bool regular = false;
  int stability = 0;  // 2 stable, 1 beta, 0 alpha
  int major = 0, minor = 0;
};

int TakeNumber(std::string_view& text) {
  int number = 0;
  std::size_t digits = 0;
  while (digits < text.size() && digits < 6 && std::isdigit(static_cast<unsigned char>(text[digits]))) {
    number = number * 10 + (text[digits++] - '0');
  }
  text.remove_prefix(digits);
  return digits == 0 ? -1 : number;
}

ParsedVersion ParseVersion(std::string_view text) {
  ParsedVersion parsed;
  if (text.empty() || text[0] != 'v') return parsed;
  text.remove_prefix(1);
  parsed.major = TakeNumber(text);
  if (parsed.major < 0) return parsed;
  parsed.stability = 2;
  if (text.empty()) {
    parsed.regular = true;
    return parsed;
  }
  if (text.substr(0, 5) == "alpha") {
    parsed.stability = 0;
    text.remove_prefix(5);
  } else if (text.substr(0, 4) == "beta") {
    parsed.stability = 1;
    text.remove_prefix(4);
  } else {
    return parsed;
  }
  parsed.minor = TakeNumber(text);
  parsed.regular = parsed.minor >= 0 && text.empty();
  return parsed;
}

}  // namespace

bool PreferredVersion(std::string_view a, std::string_view b) {
  ParsedVersion first = ParseVersion(a), second = ParseVersion(b);
  if (first.regular != second.regular) return first.regular;
  if (!first.regular) return a < b;
  return std::tie(first.stability, first.major, first.minor) >
         std::tie(second.stability, second.major, second.minor);
}

ResourcePtr Served::Find(std::string_view group, std::string_view plural) const {
  for (const ResourcePtr& resource : resources) {
    if (resource->plural == plural && resource->group == group) return resource;
  }
  return nullptr;
}

ResourcePtr Served::FindKind(std::string_view group, std::string_view kind) const {
  for (const ResourcePtr& resource : resources) {
    if (resource->kind == kind && resource->group == group) return resource;
  }
  return nullptr;
}

std::vector<std::string> Served::Groups() const {
  std::vector<std::string> groups;
  for (const ResourcePtr& resource : resources) {
    if (resource->group.empty() || Versions(resource->group).empty()) continue;
    if (std::find(groups.begin(), groups.end(), resource->group) == groups.end())
      groups.push_back(resource->group);
  }
  return groups;
}

std::vector<std::string> Served::Versions(std::string_view group) const {
  std::vector<std::string> versions;
  for (const ResourcePtr& resource : resources) {
    if (resource->group != group) continue;
    for (const Version& version : resource->versions) {
      if (version.served && std::find(versions.begin(), versions.end(), version.name) == versions.end()) {
        versions.push_back(version.name);
      }
    }
  }
  std::sort(versions.begin(), versions.end(), PreferredVersion);
  return versions;
}

std::vector<ServedResource> Served::ForOpenApi() const {
  std::vector<ServedResource> list;
  for (const ResourcePtr& resource : resources) {
    for (const Version& version : resource->versions) {
      if (!version.served) continue;
      ServedResource one;
      one.group = resource->group;
      one.version = version.name;
      one.kind = resource->kind;
      one.plural = resource->plural;
      one.namespaced = resource->namespaced;
      one.status = version.status;
      one.scale = version.scale.has_value();
      one.open_api_v3_schema = version.open_api;
      list.push_back(std::move(one));
    }
  }
  return list;
}

Catalog::Catalog(const BuiltinSchemas& schemas) : builtins_(BuiltinResources(schemas)) {
  MutexLock lock(mutex_);
  Publish();
}

ServedPtr Catalog::Current() const {
  MutexLock lock(mutex_);
  return served_;
}

void Catalog::Put(const std::string& crd, ResourcePtr resource) {
  MutexLock lock(mutex_);
  custom_[crd] = std::move(resource);
  Publish();
}

void Catalog::Remove(const std::string& crd) {
  MutexLock lock(mutex_);
  custom_.erase(crd);
  Publish();
}

void Catalog::Publish() {
  auto fresh = std::make_shared<Served>();
  fresh->serial = served_ ? served_->serial + 1 : 1;
  fresh->resources = builtins_;
  for (const auto& [name, resource] : custom_) fresh->resources.push_back(resource);
  served_ = std::move(fresh);
}

}  // namespace capstan::apiserver
