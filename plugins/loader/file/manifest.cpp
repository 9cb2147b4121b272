#include <capstan/plugins/loader/file/manifest.hpp>

#include <algorithm>
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::loader {
namespace {

using json::ArrayPtr;
using json::ObjectPtr;

Failure Bad(const std::string& field, std::string_view what) {
  return Fail(Code::kInvalidArgument, StrCat("its manifest is malformed: ", field, " ", what));
}

bool Absent(const ObjectPtr& object, const std::string& field) {
  return !object->has(field) || json::IsNull(object->get(field));
}

// A text field; empty if it is absent and optional.
Result<std::string> Text(const ObjectPtr& object, const std::string& where, const std::string& field,
                         bool required) {
  if (Absent(object, field)) {
    if (required) return Bad(where + field, "is missing");
    return std::string();
  }
  auto value = json::StringIn(object, field);
  if (!value) return Bad(where + field, "must be a string");
  if (required && value->empty()) return Bad(where + field, "must not be empty");
  return *std::move(value);
}

Result<std::vector<std::string>> Texts(const ObjectPtr& object, const std::string& where,
                                       const std::string& field) {
  std::vector<std::string> texts;
  if (Absent(object, field)) return texts;
  const ArrayPtr array = json::ArrayIn(object, field);
  if (array.isNull()) return Bad(where + field, "must be a list of strings");
  for (std::size_t i = 0; i < array->size(); ++i) {
    const auto item = array->get(static_cast<unsigned>(i));
    if (!item.isString()) return Bad(StrCat(where, field, "[", i, "]"), "must be a string");
    texts.push_back(item.convert<std::string>());
  }
  return texts;
}

Result<std::map<std::string, std::string>> TextMap(const ObjectPtr& object, const std::string& where,
                                                   const std::string& field) {
  std::map<std::string, std::string> texts;
  if (Absent(object, field)) return texts;
  const ObjectPtr map = json::ObjectIn(object, field);
  if (map.isNull()) return Bad(where + field, "must be an object of strings");
  for (const std::string& name : map->getNames()) {
    auto value = json::StringIn(map, name);
    if (!value) return Bad(StrCat(where, field, ".", name), "must be a string");
    texts[name] = *std::move(value);
  }
  return texts;
}

Result<external::KindInfo> Kind(const ObjectPtr& object, const std::string& where) {
  external::KindInfo kind;
  CAPSTAN_TRY(kind.group, Text(object, where, "group", true));
  CAPSTAN_TRY(kind.version, Text(object, where, "version", true));
  CAPSTAN_TRY(kind.kind, Text(object, where, "kind", true));
  CAPSTAN_TRY(kind.plural, Text(object, where, "plural", true));
  if (!IsDnsSubdomain(kind.group)) return Bad(where + "group", "must be a DNS name, such as example.dev");
  if (!IsDnsLabel(kind.plural)) return Bad(where + "plural", "must be a DNS label, such as clusters");
  if (!Absent(object, "namespaced")) {
    const auto namespaced = json::BooleanIn(object, "namespaced");
    if (!namespaced) return Bad(where + "namespaced", "must be true or false");
    kind.namespaced = *namespaced;
  }
  CAPSTAN_TRY(const std::string identity, Text(object, where, "identity", true));
  if (identity == "tag") {
    kind.identity = external::IdentityKept::kTag;
  } else if (identity == "name") {
    kind.identity = external::IdentityKept::kName;
  } else if (identity == "none") {
    kind.identity = external::IdentityKept::kNone;
  } else {
    return Bad(where + "identity", "must be tag, name or none");
  }
  CAPSTAN_TRY(kind.credentials_field, Text(object, where, "credentialsField", false));
  CAPSTAN_TRY(kind.credential_keys, Texts(object, where, "credentialKeys"));
  CAPSTAN_TRY(kind.credential_environment, TextMap(object, where, "credentialEnvironment"));
  CAPSTAN_TRY(kind.connection_suffix, Text(object, where, "connectionSuffix", false));
  CAPSTAN_TRY(kind.connection_status_field, Text(object, where, "connectionStatusField", false));
  CAPSTAN_TRY(kind.id_status_field, Text(object, where, "idStatusField", false));
  CAPSTAN_TRY(kind.phase_status_field, Text(object, where, "phaseStatusField", false));
  CAPSTAN_TRY(kind.plan_status_field, Text(object, where, "planStatusField", false));
  CAPSTAN_TRY(kind.associated_status_field, Text(object, where, "associatedStatusField", false));
  CAPSTAN_TRY(kind.associated_kinds, Texts(object, where, "associatedKinds"));
  CAPSTAN_TRY(kind.connection_fields, Texts(object, where, "connectionFields"));
  CAPSTAN_TRY(kind.catalogs, Texts(object, where, "catalogs"));
  CAPSTAN_TRY(kind.connection_secret_field, Text(object, where, "connectionSecretField", false));
  if (!Absent(object, "creatingLimitSeconds")) {
    const auto limit = json::IntegerIn(object, "creatingLimitSeconds");
    constexpr std::int64_t kLongest = 7 * 24 * 3600;
    if (!limit || *limit < 0 || *limit > kLongest)
      return Bad(where + "creatingLimitSeconds", StrCat("must be a whole number from 0 to ", kLongest));
    kind.creating_limit = std::chrono::seconds(*limit);
  }
  return kind;
}

Status ReadKinds(const ObjectPtr& object, external::Manifest& manifest) {
  const ArrayPtr kinds = json::ArrayIn(object, "kinds");
  if (kinds.isNull() || kinds->size() == 0) return Bad("kinds", "must be a list with at least one kind");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < kinds->size(); ++i) {
    const std::string where = StrCat("kinds[", i, "]");
    const ObjectPtr item = json::AsObject(kinds->get(static_cast<unsigned>(i)));
    if (item.isNull()) return Bad(where, "must be an object");
    CAPSTAN_TRY(external::KindInfo kind, Kind(item, where + "."));
    if (!seen.insert(kind.group + "/" + kind.kind).second)
      return Bad(where, "names a kind that stands there already");
    manifest.kinds.push_back(std::move(kind));
  }
  return {};
}

Status ReadCrds(const ObjectPtr& object, external::Manifest& manifest) {
  if (Absent(object, "crds")) return {};
  const ArrayPtr crds = json::ArrayIn(object, "crds");
  if (crds.isNull()) return Bad("crds", "must be a list of CustomResourceDefinitions");
  for (std::size_t i = 0; i < crds->size(); ++i) {
    const ObjectPtr crd = json::AsObject(crds->get(static_cast<unsigned>(i)));
    if (crd.isNull() || json::StringIn(crd, "kind") != "CustomResourceDefinition") {
      return Bad(StrCat("crds[", i, "]"), "must be a CustomResourceDefinition");
    }
    manifest.crds.push_back(json::ToText(crd));
  }
  return {};
}

bool IsHeaderName(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// Whether a pattern in allowedHosts matches this host, on any port.
bool Means(std::string_view pattern, std::string_view host) {
  const std::string allowed = ToLower(pattern.substr(0, pattern.rfind(':')));
  const std::string named = ToLower(host);
  return allowed.starts_with("*.") ? named.ends_with(allowed.substr(1)) : named == allowed;
}

Result<external::Quota> OneQuota(const ObjectPtr& object, const std::string& where) {
  external::Quota quota;
  CAPSTAN_TRY(quota.host, Text(object, where, "host", true));
  if (!IsDnsSubdomain(quota.host)) return Bad(where + "host", "must be a host name, such as api.example.com");
  if (!Absent(object, "perMinute")) {
    const auto per_minute = json::NumberIn(object, "perMinute");
    if (!per_minute || !(*per_minute >= 0))
      return Bad(where + "perMinute", "must be a number that is not negative");
    quota.per_minute = *per_minute;
  }
  CAPSTAN_TRY(quota.limit_header, Text(object, where, "limitHeader", false));
  CAPSTAN_TRY(quota.remaining_header, Text(object, where, "remainingHeader", false));
  CAPSTAN_TRY(quota.reset_header, Text(object, where, "resetHeader", false));
  for (const auto& [field, header] : {std::pair{"limitHeader", &quota.limit_header},
                                      {"remainingHeader", &quota.remaining_header},
                                      {"resetHeader", &quota.reset_header}}) {
    if (!IsHeaderName(*header))
      return Bad(where + field, "must be the name of a header, such as ratelimit-limit");
  }
  return quota;
}

Status ReadQuotas(const ObjectPtr& object, external::Manifest& manifest) {
  if (Absent(object, "quotas")) return {};
  const ArrayPtr quotas = json::ArrayIn(object, "quotas");
  if (quotas.isNull()) return Bad("quotas", "must be a list of quotas");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < quotas->size(); ++i) {
    const std::string where = StrCat("quotas[", i, "]");
    const ObjectPtr item = json::AsObject(quotas->get(static_cast<unsigned>(i)));
    if (item.isNull()) return Bad(where, "must be an object");
    CAPSTAN_TRY(external::Quota quota, OneQuota(item, where + "."));
    if (!seen.insert(ToLower(quota.host)).second) return Bad(where, "names a host that stands there already");
    const auto& hosts = manifest.allowed_hosts;
    if (std::none_of(hosts.begin(), hosts.end(), [&](const auto& one) { return Means(one, quota.host); }))
      return Bad(where + ".host", "is not among allowedHosts");
    manifest.quotas.push_back(std::move(quota));
  }
  return {};
}

// "host", "*.domain" or either of them with ":port".
bool IsHostPattern(std::string_view text) {
  if (text.starts_with("*.")) text.remove_prefix(2);
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string_view::npos)
      return false;
    text = text.substr(0, colon);
  }
  return IsDnsSubdomain(text);
}

}  // namespace

Result<external::Manifest> ParseManifest(std::string_view text) {
  auto parsed = json::ParseObject(text);
  if (!parsed)
    return Fail(Code::kInvalidArgument, StrCat("its manifest is not JSON: ", parsed.error().message));
  const ObjectPtr object = *parsed;
  external::Manifest manifest;
  CAPSTAN_TRY(manifest.name, Text(object, "", "name", true));
  if (!IsDnsLabel(manifest.name)) return Bad("name", "must be a DNS label, such as mycloud");
  CAPSTAN_TRY(manifest.version, Text(object, "", "version", true));
  CAPSTAN_TRY(manifest.description, Text(object, "", "description", false));
  CAPSTAN_RETURN_IF_ERROR(ReadKinds(object, manifest));
  CAPSTAN_RETURN_IF_ERROR(ReadCrds(object, manifest));
  CAPSTAN_TRY(manifest.allowed_hosts, Texts(object, "", "allowedHosts"));
  for (const std::string& host : manifest.allowed_hosts) {
    if (!IsHostPattern(host))
      return Bad("allowedHosts", StrCat("holds \"", host, "\", which is no host name"));
  }
  CAPSTAN_RETURN_IF_ERROR(ReadQuotas(object, manifest));
  if (!Absent(object, "configSchema")) {
    const ObjectPtr schema = json::ObjectIn(object, "configSchema");
    if (schema.isNull()) return Bad("configSchema", "must be a JSON schema");
    manifest.config_schema = json::ToText(schema);
  }
  CAPSTAN_TRY(manifest.config_environment, TextMap(object, "", "configEnvironment"));
  if (!Absent(object, "maxConcurrency")) {
    const auto concurrency = json::IntegerIn(object, "maxConcurrency");
    if (!concurrency || *concurrency < 1 || *concurrency > 256) {
      return Bad("maxConcurrency", "must be a whole number from 1 to 256");
    }
    manifest.max_concurrency = static_cast<std::int32_t>(*concurrency);
  }
  return manifest;
}

}  // namespace capstan::loader
