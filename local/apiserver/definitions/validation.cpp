// The rules of a CustomResourceDefinition, in Kubernetes' words.
#include <algorithm>
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/definitions/registry.hpp>

namespace capstan::apiserver {
namespace {

using Errors = std::vector<FieldError>;

constexpr std::string_view kDns1035 =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
    "character, and "
    "end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')";

std::string Text(json::ObjectPtr object, std::string_view key) {
  return json::StringIn(object, key).value_or("");
}

bool IsDns1035(std::string_view text) { return IsDnsLabel(text) && text[0] >= 'a' && text[0] <= 'z'; }

void CheckName(json::ObjectPtr names, const char* key, bool required, bool lower, Errors& errors) {
  std::string value = Text(names, key), field = StrCat("spec.names.", key);
  if (value.empty()) {
    if (required) errors.push_back(RequiredField(field, ""));
    return;
  }
  std::string form = lower ? value : ToLower(value);
  if (form.size() > 63) {
    errors.push_back(InvalidField(field, value, "must be no more than 63 characters"));
  } else if (!IsDns1035(form)) {
    std::string detail =
        lower ? std::string(kDns1035) : StrCat("may have mixed case, but should otherwise match: ", kDns1035);
    errors.push_back(InvalidField(field, value, detail));
  }
}

void CheckNames(json::ObjectPtr spec, Errors& errors) {
  json::ObjectPtr names = json::ObjectIn(spec, "names");
  if (!names) names = json::MakeObject();
  CheckName(names, "plural", true, true, errors);
  CheckName(names, "singular", true, true, errors);
  CheckName(names, "kind", true, false, errors);
  CheckName(names, "listKind", true, false, errors);
  if (!Text(names, "kind").empty() && Text(names, "kind") == Text(names, "listKind")) {
    errors.push_back(InvalidField("spec.names.listKind", Text(names, "listKind"),
                                  "kind and listKind may not be the same"));
  }
  std::vector<std::string> short_names = Strings(names, "shortNames");
  for (std::size_t i = 0; i < short_names.size(); ++i) {
    if (!IsDns1035(short_names[i])) {
      errors.push_back(
          InvalidField(StrCat("spec.names.shortNames[", i, "]"), short_names[i], std::string(kDns1035)));
    }
  }
}

void CheckScale(json::ObjectPtr version, const std::string& field, Errors& errors) {
  json::ObjectPtr scale = json::ObjectIn(json::ObjectIn(version, "subresources"), "scale");
  if (!scale) return;
  for (auto [key, start] :
       {std::pair{"specReplicasPath", ".spec."}, std::pair{"statusReplicasPath", ".status."}}) {
    std::string path = Text(scale, key);
    if (path.empty()) {
      errors.push_back(RequiredField(StrCat(field, ".subresources.scale.", key), ""));
    } else if (path.rfind(start, 0) != 0) {
      errors.push_back(InvalidField(
          StrCat(field, ".subresources.scale.", key), path,
          StrCat("should be a json path under ", std::string(start, std::string_view(start).size() - 1))));
    }
  }
}

void CheckVersions(json::ObjectPtr spec, Errors& errors) {
  json::ArrayPtr versions = json::ArrayIn(spec, "versions");
  if (!versions || versions->size() == 0) {
    errors.push_back(InvalidField("spec.versions", json::Tree(json::MakeArray()),
                                  "must have exactly one version marked as storage version"));
    return;
  }
  int storage = 0;
  std::set<std::string> seen;
  for (unsigned i = 0; i < versions->size(); ++i) {
    json::ObjectPtr version = json::AsObject(versions->get(i));
    std::string field = StrCat("spec.versions[", i, "]");
    std::string name = Text(version, "name");
    if (json::BooleanIn(version, "storage").value_or(false)) ++storage;
    if (!IsDns1035(name)) errors.push_back(InvalidField(field + ".name", name, std::string(kDns1035)));
    if (!seen.insert(name).second) {
      errors.push_back(
          InvalidField("spec.versions", json::Tree(versions), "must contain unique version names"));
    }
    json::ObjectPtr schema = json::ObjectIn(json::ObjectIn(version, "schema"), "openAPIV3Schema");
    if (!schema) {
      errors.push_back(RequiredField(field + ".schema.openAPIV3Schema", ""));
    } else {
      for (FieldError& problem : CompileSchema(schema, SchemaField(versions, i)).problems) {
        errors.push_back(std::move(problem));
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

void CheckStored(json::ObjectPtr crd, Errors& errors) {
  std::set<std::string> names;
  json::ArrayPtr versions = json::ArrayIn(json::ObjectIn(crd, "spec"), "versions");
  for (unsigned i = 0; versions && i < versions->size(); ++i)
    names.insert(Text(json::AsObject(versions->get(i)), "name"));
  std::vector<std::string> stored = Strings(json::ObjectIn(crd, "status"), "storedVersions");
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

std::vector<FieldError> ValidateCrd(json::ObjectPtr crd, json::ObjectPtr old) {
  Errors errors;
  json::ObjectPtr spec = json::ObjectIn(crd, "spec");
  if (!spec) spec = json::MakeObject();
  std::string group = Text(spec, "group"), plural = Text(json::ObjectIn(spec, "names"), "plural");
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
  std::string scope = Text(spec, "scope");
  if (scope.empty()) {
    errors.push_back(RequiredField("spec.scope", ""));
  } else if (scope != "Cluster" && scope != "Namespaced") {
    errors.push_back(UnsupportedField("spec.scope", scope, {"Cluster", "Namespaced"}));
  }
  if (json::BooleanIn(spec, "preserveUnknownFields").value_or(false)) {
    errors.push_back(InvalidField("spec.preserveUnknownFields", true,
                                  "must be false in order to use defaults in the schema"));
  }
  const json::ObjectPtr conversion = json::ObjectIn(spec, "conversion");
  const json::ObjectPtr webhook = json::ObjectIn(conversion, "webhook");
  std::string strategy = Text(conversion, "strategy");
  if (strategy == "Webhook") {
    if (!json::ObjectIn(webhook, "clientConfig"))
      errors.push_back(
          RequiredField("spec.conversion.webhookClientConfig", "required when strategy is set to Webhook"));
    if (Strings(webhook, "conversionReviewVersions").empty())
      errors.push_back(RequiredField("spec.conversion.conversionReviewVersions", ""));
  } else if (!strategy.empty() && strategy != "None") {
    errors.push_back(UnsupportedField("spec.conversion.strategy", strategy, {"None", "Webhook"}));
  }
  CheckVersions(spec, errors);
  CheckNames(spec, errors);
  CheckStored(crd, errors);
  if (old && HasCondition(old, "Established")) {
    json::ObjectPtr before = json::ObjectIn(old, "spec");
    if (scope != Text(before, "scope"))
      errors.push_back(InvalidField("spec.scope", scope, "field is immutable"));
    json::ObjectPtr names = json::ObjectIn(spec, "names"), names_before = json::ObjectIn(before, "names");
    if (Text(names, "kind") != Text(names_before, "kind")) {
      errors.push_back(InvalidField("spec.names.kind", Text(names, "kind"), "field is immutable"));
    }
  }
  return errors;
}

}  // namespace capstan::apiserver
