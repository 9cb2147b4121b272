// The rules of a CustomResourceDefinition, in Kubernetes' words.
#include <algorithm>
#include <functional>
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/names.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/definitions/registry.hpp>

namespace capstan::apiserver {
namespace {

using Errors = std::vector<FieldError>;

void CheckName(json::ObjectPtr names, const char* key, bool required, bool lower, Errors& errors) {
  std::string value = json::TextIn(names, key), field = StrCat("spec.names.", key);
  if (value.empty()) {
    if (required) errors.push_back(RequiredField(field, ""));
    return;
  }
  std::string form = lower ? value : ToLower(value);
  if (form.size() > 63) {
    errors.push_back(InvalidField(field, value, "must be no more than 63 characters"));
  } else if (const std::string why = CheckDns1035Label(form); !why.empty()) {
    errors.push_back(InvalidField(
        field, value, lower ? why : StrCat("may have mixed case, but should otherwise match: ", why)));
  }
}

void CheckNames(json::ObjectPtr spec, Errors& errors) {
  json::ObjectPtr names = json::ObjectIn(spec, "names");
  if (!names) names = json::MakeObject();
  CheckName(names, "plural", true, true, errors);
  CheckName(names, "singular", true, true, errors);
  CheckName(names, "kind", true, false, errors);
  CheckName(names, "listKind", true, false, errors);
  if (!json::TextIn(names, "kind").empty() &&
      json::TextIn(names, "kind") == json::TextIn(names, "listKind")) {
    errors.push_back(InvalidField("spec.names.listKind", json::TextIn(names, "listKind"),
                                  "kind and listKind may not be the same"));
  }
  std::vector<std::string> short_names = json::StringsIn(names, "shortNames");
  for (std::size_t i = 0; i < short_names.size(); ++i) {
    if (const std::string why = CheckDns1035Label(short_names[i]); !why.empty())
      errors.push_back(InvalidField(StrCat("spec.names.shortNames[", i, "]"), short_names[i], why));
  }
}

void CheckScale(json::ObjectPtr version, const std::string& field, Errors& errors) {
  json::ObjectPtr scale = json::ObjectIn(json::ObjectIn(version, "subresources"), "scale");
  if (!scale) return;
  for (auto [key, start] :
       {std::pair{"specReplicasPath", ".spec."}, std::pair{"statusReplicasPath", ".status."}}) {
    std::string path = json::TextIn(scale, key);
    if (path.empty()) {
      errors.push_back(RequiredField(StrCat(field, ".subresources.scale.", key), ""));
    } else if (path.rfind(start, 0) != 0) {
      errors.push_back(InvalidField(
          StrCat(field, ".subresources.scale.", key), path,
          StrCat("should be a json path under ", std::string(start, std::string_view(start).size() - 1))));
    }
  }
}

// Calls `visit` with the schema and every schema nested in it.
void EachPartOf(const json::ObjectPtr& schema, const std::function<void(const json::ObjectPtr&)>& visit,
                int depth = 0) {
  if (!schema || depth > kMaxSchemaDepth) return;
  visit(schema);
  for (const char* one : {"items", "additionalProperties", "not"})
    EachPartOf(json::ObjectIn(schema, one), visit, depth + 1);
  for (const char* list : {"allOf", "anyOf", "oneOf"}) {
    for (const json::ObjectPtr& one : json::ObjectsIn(schema, list)) EachPartOf(one, visit, depth + 1);
  }
  if (const json::ObjectPtr properties = json::ObjectIn(schema, "properties")) {
    for (const std::string& name : properties->getNames())
      EachPartOf(json::ObjectIn(properties, name), visit, depth + 1);
  }
}

bool NamesADialect(const json::ObjectPtr& schema) {
  bool names = false;
  EachPartOf(schema, [&](const json::ObjectPtr& part) { names |= !json::TextIn(part, "$schema").empty(); });
  return names;
}

// The schema of a version before this update; null when there was none.
json::ObjectPtr SchemaBefore(const json::ObjectPtr& old_spec, const std::string& name) {
  for (const json::ObjectPtr& version : json::ObjectsIn(old_spec, "versions")) {
    if (json::TextIn(version, "name") == name)
      return json::ObjectIn(json::ObjectIn(version, "schema"), "openAPIV3Schema");
  }
  return nullptr;
}

void CheckVersions(json::ObjectPtr spec, const json::ObjectPtr& old_spec, const Cancellation* cancellation,
                   Errors& errors) {
  json::ArrayPtr versions = json::ArrayIn(spec, "versions");
  if (!versions || versions->size() == 0) {
    errors.push_back(InvalidField("spec.versions", versions ? json::Tree(versions) : json::Tree(),
                                  "must have exactly one version marked as storage version"));
    return;
  }
  int storage = 0;
  std::set<std::string> seen;
  for (unsigned i = 0; i < versions->size(); ++i) {
    json::ObjectPtr version = json::AsObject(versions->get(i));
    std::string field = StrCat("spec.versions[", i, "]");
    std::string name = json::TextIn(version, "name");
    if (json::BooleanIn(version, "storage").value_or(false)) ++storage;
    if (const std::string why = CheckDns1035Label(name); !why.empty())
      errors.push_back(InvalidField(field + ".name", name, why));
    if (!seen.insert(name).second) {
      errors.push_back(
          InvalidField("spec.versions", json::Tree(versions), "must contain unique version names"));
    }
    json::ObjectPtr schema = json::ObjectIn(json::ObjectIn(version, "schema"), "openAPIV3Schema");
    if (!schema) {
      errors.push_back(RequiredField(field + ".schema.openAPIV3Schema", ""));
    } else {
      const json::ObjectPtr before = SchemaBefore(old_spec, name);
      const bool same = before && json::Equal(json::Tree(before), json::Tree(schema));
      const RuleBudget budget = same ? RuleBudget::kSum : RuleBudget::kEachAndSum;
      for (FieldError& problem :
           CompileSchema(schema, SchemaField(versions, i), budget, cancellation).problems) {
        errors.push_back(std::move(problem));
      }
      if (NamesADialect(schema)) {
        errors.push_back(InvalidField(SchemaField(versions, i), std::string(),
                                      "OpenAPIV3Schema 'schema' is not supported"));
      }
    }
    CheckScale(version, field, errors);
    for (FieldError& problem : CheckPrinterColumns(json::ArrayIn(version, "additionalPrinterColumns"),
                                                   field + ".additionalPrinterColumns")) {
      errors.push_back(std::move(problem));
    }
  }
  if (storage != 1) {
    errors.push_back(InvalidField("spec.versions", json::Tree(versions),
                                  "must have exactly one version marked as storage version"));
  }
}

void CheckConversion(const json::ObjectPtr& conversion, Errors& errors) {
  const json::ObjectPtr webhook = json::ObjectIn(conversion, "webhook");
  const json::ObjectPtr client = json::ObjectIn(webhook, "clientConfig");
  const std::vector<std::string> versions = json::StringsIn(webhook, "conversionReviewVersions");
  const std::string field = "spec.conversion.", client_field = field + "webhookClientConfig",
                    versions_field = field + "conversionReviewVersions";
  const std::string strategy = json::TextIn(conversion, "strategy");
  if (!strategy.empty() && strategy != "None" && strategy != "Webhook")
    errors.push_back(UnsupportedField(field + "strategy", strategy, {"None", "Webhook"}));
  if (strategy != "Webhook") {
    const std::string apart = "should not be set when strategy is not set to Webhook";
    if (client) errors.push_back(ForbiddenField(client_field, apart));
    if (!versions.empty()) errors.push_back(ForbiddenField(versions_field, apart));
    return;
  }
  if (!client) {
    errors.push_back(RequiredField(client_field, "required when strategy is set to Webhook"));
  } else if (client->has("url") == client->has("service")) {
    errors.push_back(RequiredField(client_field, "exactly one of url or service is required"));
  }
  if (versions.empty()) errors.push_back(RequiredField(versions_field, ""));
}

constexpr std::string_view kApproved = "api-approved.kubernetes.io";

bool IsProtectedGroup(std::string_view group) {
  for (const std::string_view owner : {std::string_view("k8s.io"), std::string_view("kubernetes.io")}) {
    if (group == owner) return true;
    const std::size_t end = owner.size() + 1;
    if (group.size() > end && group.substr(group.size() - end) == StrCat(".", owner)) return true;
  }
  return false;
}

// Whether the text starts like an absolute URL: a scheme and a host.
bool IsApprovalUrl(const std::string& text) {
  const std::size_t scheme = text.find("://");
  return scheme != std::string::npos && scheme > 0 && text.size() > scheme + 3 && text[scheme + 3] != '/' &&
         text.find(' ') == std::string::npos;
}

}  // namespace

ApiApproval ApprovalOf(const json::ObjectPtr& crd) {
  if (!IsProtectedGroup(json::TextIn(json::ObjectIn(crd, "spec"), "group"))) return {};
  const std::string given = json::TextIn(json::ObjectIn(json::ObjectIn(crd, "metadata"), "annotations"),
                                         std::string(kApproved).c_str());
  const std::string see = "see https://github.com/kubernetes/enhancements/pull/1111";
  if (given.empty()) {
    return {"MissingAnnotation",
            StrCat("protected groups must have approval annotation \"", kApproved, "\", ", see), false};
  }
  if (given.rfind("unapproved", 0) == 0)
    return {"UnapprovedAnnotation", StrCat("not approved: \"", given, "\""), true};
  if (IsApprovalUrl(given)) return {"ApprovedAnnotation", StrCat("approved in ", given), true};
  return {"InvalidAnnotation",
          StrCat("protected groups must have approval annotation \"", kApproved,
                 "\" with either a URL or a reason starting with \"unapproved\", ", see),
          false};
}

namespace {

// Once a state was accepted, the approval state must not change; its wording can.
void CheckApproval(const json::ObjectPtr& crd, const json::ObjectPtr& old, Errors& errors) {
  const ApiApproval now = ApprovalOf(crd);
  if (now.reason.empty() || now.accepted || (old && ApprovalOf(old).reason == now.reason)) return;
  const std::string field = StrCat("metadata.annotations[", kApproved, "]");
  if (now.reason == "MissingAnnotation") {
    errors.push_back(RequiredField(field, now.message));
  } else {
    const json::ObjectPtr notes = json::ObjectIn(json::ObjectIn(crd, "metadata"), "annotations");
    errors.push_back(InvalidField(field, json::TextIn(notes, std::string(kApproved).c_str()), now.message));
  }
}

bool IsKnownFormat(const std::string& type, std::string format) {
  if (type == "integer") return format == "int32" || format == "int64";
  if (type == "number") return format == "float" || format == "double";
  if (!type.empty() && type != "string") return false;
  format.erase(std::remove(format.begin(), format.end(), '-'), format.end());
  constexpr std::string_view kKnown[] = {
      "bsonobjectid", "uri",        "email",    "hostname",     "ipv4",       "ipv6", "cidr",
      "mac",          "uuid",       "uuid3",    "uuid4",        "uuid5",      "isbn", "isbn10",
      "isbn13",       "creditcard", "ssn",      "hexcolor",     "rgbcolor",   "byte", "date",
      "password",     "duration",   "datetime", "k8sshortname", "k8slongname"};
  return std::find(std::begin(kKnown), std::end(kKnown), format) != std::end(kKnown);
}

std::vector<std::string> UnknownFormats(const json::ObjectPtr& crd) {
  std::vector<std::string> unknown;
  for (const json::ObjectPtr& version : json::ObjectsIn(json::ObjectIn(crd, "spec"), "versions"))
    EachPartOf(json::ObjectIn(json::ObjectIn(version, "schema"), "openAPIV3Schema"),
               [&](const json::ObjectPtr& schema) {
                 const std::string format = json::TextIn(schema, "format");
                 if (!format.empty() && !IsKnownFormat(json::TextIn(schema, "type"), format) &&
                     std::find(unknown.begin(), unknown.end(), format) == unknown.end()) {
                   unknown.push_back(format);
                 }
               });
  return unknown;
}

void CheckStored(json::ObjectPtr crd, Errors& errors) {
  std::set<std::string> names;
  json::ArrayPtr versions = json::ArrayIn(json::ObjectIn(crd, "spec"), "versions");
  for (unsigned i = 0; versions && i < versions->size(); ++i)
    names.insert(json::TextIn(json::AsObject(versions->get(i)), "name"));
  std::vector<std::string> stored = json::StringsIn(json::ObjectIn(crd, "status"), "storedVersions");
  if (stored.empty()) {
    errors.push_back(
        InvalidField("status.storedVersions", json::Tree(), "must have at least one stored version"));
  }
  for (std::size_t i = 0; i < stored.size(); ++i) {
    if (names.count(stored[i]) == 0) {
      errors.push_back(
          InvalidField(StrCat("status.storedVersions[", i, "]"), stored[i],
                       StrCat("missing from spec.versions; ", stored[i],
                              " was previously a storage version, and must remain in spec.versions until a "
                              "storage migration ensures no "
                              "data remains persisted in ",
                              stored[i], " and removes ", stored[i], " from status.storedVersions")));
    }
  }
}

}  // namespace

std::vector<std::string> CrdWarnings(const json::ObjectPtr& crd, const json::ObjectPtr& old) {
  const std::vector<std::string> before = old ? UnknownFormats(old) : std::vector<std::string>();
  std::vector<std::string> warnings;
  for (const std::string& format : UnknownFormats(crd)) {
    if (std::find(before.begin(), before.end(), format) == before.end())
      warnings.push_back(StrCat("unrecognized format \"", format, "\""));
  }
  return warnings;
}

std::vector<FieldError> ValidateCrd(json::ObjectPtr crd, json::ObjectPtr old,
                                    const Cancellation* cancellation) {
  Errors errors;
  json::ObjectPtr spec = json::ObjectIn(crd, "spec");
  if (!spec) spec = json::MakeObject();
  std::string group = json::TextIn(spec, "group"),
              plural = json::TextIn(json::ObjectIn(spec, "names"), "plural");
  std::string name = MetaString(crd, "name");
  if (name != StrCat(plural, ".", group)) {
    errors.push_back(InvalidField("metadata.name", name, "must be spec.names.plural+\".\"+spec.group"));
  }
  if (group.empty()) {
    errors.push_back(RequiredField("spec.group", ""));
  } else if (!IsDnsSubdomain(group)) {
    errors.push_back(InvalidField("spec.group", group, CheckSubdomainName(group)));
  } else if (group.find('.') == std::string::npos) {
    errors.push_back(InvalidField("spec.group", group, "should be a domain with at least one dot"));
  }
  std::string scope = json::TextIn(spec, "scope");
  if (scope.empty()) {
    errors.push_back(RequiredField("spec.scope", ""));
  } else if (scope != "Cluster" && scope != "Namespaced") {
    errors.push_back(UnsupportedField("spec.scope", scope, {"Cluster", "Namespaced"}));
  }
  if (json::BooleanIn(spec, "preserveUnknownFields").value_or(false)) {
    errors.push_back(InvalidField("spec.preserveUnknownFields", true,
                                  "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
                                  "spec.versions[*].schema instead"));
  }
  CheckVersions(spec, json::ObjectIn(old, "spec"), cancellation, errors);
  CheckNames(spec, errors);
  CheckConversion(json::ObjectIn(spec, "conversion"), errors);
  CheckStored(crd, errors);
  CheckApproval(crd, old, errors);
  if (old && HasCondition(old, "Established")) {
    json::ObjectPtr before = json::ObjectIn(old, "spec");
    if (scope != json::TextIn(before, "scope"))
      errors.push_back(InvalidField("spec.scope", scope, "field is immutable"));
    json::ObjectPtr names = json::ObjectIn(spec, "names"), names_before = json::ObjectIn(before, "names");
    if (json::TextIn(names, "kind") != json::TextIn(names_before, "kind")) {
      errors.push_back(InvalidField("spec.names.kind", json::TextIn(names, "kind"), "field is immutable"));
    }
  }
  return errors;
}

}  // namespace capstan::apiserver
