#include <capstan/local/apiserver/api/object_meta.hpp>

#include <algorithm>
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/local/apiserver/api/names.hpp>

namespace capstan::apiserver {
namespace {

constexpr std::string_view kSubdomainRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr std::string_view kLabelRule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
    "and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kQualifiedRule =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr std::string_view kKeyRule =
    "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with "
    "an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. "
    "'example.com/MyName')";
constexpr std::string_view kLabelValueRule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
    "start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
    "validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
constexpr std::size_t kAnnotationsLimit = std::size_t{256} * 1024;

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsNamePart(std::string_view text) {
  return !text.empty() && IsAlphanumeric(text.front()) && IsAlphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

void CheckAnnotations(json::ObjectPtr meta, std::vector<FieldError>& errors) {
  json::ObjectPtr annotations = json::ObjectIn(meta, "annotations");
  if (!annotations) return;
  std::size_t total = 0;
  for (const auto& [key, value] : *annotations) {
    if (std::string why = CheckQualifiedName(ToLower(key)); !why.empty()) {
      errors.push_back(InvalidField("metadata.annotations", key, why));
    }
    total += key.size() + json::StringIn(annotations, key).value_or("").size();
  }
  if (total > kAnnotationsLimit) {
    FieldError error;
    error.type = FieldErrorType::kTooLong;
    error.field = "metadata.annotations";
    error.detail = StrCat("may not be more than ", kAnnotationsLimit, " bytes");
    errors.push_back(std::move(error));
  }
}

void CheckFinalizers(json::ObjectPtr meta, std::vector<FieldError>& errors) {
  std::vector<std::string> finalizers = json::StringsIn(meta, "finalizers");
  bool foreground = false, orphan = false;
  for (const std::string& finalizer : finalizers) {
    foreground = foreground || finalizer == "foregroundDeletion";
    orphan = orphan || finalizer == "orphan";
    if (std::string why = CheckQualifiedName(finalizer); !why.empty()) {
      errors.push_back(InvalidField("metadata.finalizers", finalizer, why));
    }
  }
  if (foreground && orphan) {
    json::ArrayPtr shown = json::MakeArray();
    for (const std::string& finalizer : finalizers) shown->add(finalizer);
    errors.push_back(InvalidField("metadata.finalizers", shown,
                                  "finalizer orphan and foregroundDeletion cannot be both set"));
  }
}

void CheckOwners(json::ObjectPtr meta, std::vector<FieldError>& errors) {
  json::ArrayPtr owners = json::ArrayIn(meta, "ownerReferences");
  if (!owners) return;
  std::string controller;
  for (unsigned i = 0; i < owners->size(); ++i) {
    json::ObjectPtr owner = json::AsObject(owners->get(i));
    for (const char* required : {"apiVersion", "kind", "name", "uid"}) {
      if (!json::StringIn(owner, required).value_or("").empty()) continue;
      const std::string_view what = required;
      errors.push_back(InvalidField(StrCat("metadata.ownerReferences.", required), std::string(),
                                    what == "apiVersion" ? "version must not be empty"
                                    : what == "kind"     ? "kind must not be empty"
                                                         : "must not be empty"));
    }
    if (!json::BooleanIn(owner, "controller").value_or(false)) continue;
    const std::string named =
        StrCat(json::StringIn(owner, "kind").value_or(""), "/", json::StringIn(owner, "name").value_or(""));
    if (!controller.empty()) {
      errors.push_back(InvalidField("metadata.ownerReferences", json::Tree(owners),
                                    StrCat("Only one reference can have Controller set to true. Found "
                                           "\"true\" in references for ",
                                           controller, " and ", named)));
    }
    controller = named;
  }
}

// The first value that is neither a string nor null; null when there is none.
json::Tree FirstNoString(json::ObjectPtr map) {
  for (const auto& [key, value] : *map) {
    if (!json::IsNull(value) && value.type() != typeid(std::string)) return value;
  }
  return {};
}

}  // namespace

std::string CheckQualifiedName(std::string_view text) {
  std::size_t slash = text.find('/');
  std::string_view name = text;
  if (slash != std::string_view::npos) {
    std::string_view prefix = text.substr(0, slash);
    name = text.substr(slash + 1);
    if (name.find('/') != std::string_view::npos) return std::string(kKeyRule);
    if (prefix.empty()) return "prefix part must be non-empty";
    if (!IsDnsSubdomain(prefix)) return StrCat("prefix part ", kSubdomainRule);
  }
  if (name.empty()) return "name part must be non-empty";
  if (name.size() > 63) return "name part must be no more than 63 characters";
  return IsNamePart(name) ? std::string() : std::string(kQualifiedRule);
}

std::string CheckLabelValue(std::string_view text) {
  if (text.size() > 63) return "must be no more than 63 characters";
  return text.empty() || IsNamePart(text) ? std::string() : std::string(kLabelValueRule);
}

std::string_view GoName(const json::Tree& value) {
  if (json::AsObject(value)) return "object";
  if (json::AsArray(value)) return "array";
  if (value.type() == typeid(std::string)) return "string";
  return value.isBoolean() ? "bool" : "number";
}

json::ObjectPtr MetaOf(json::ObjectPtr object) { return SectionOf(std::move(object), "metadata"); }

json::ObjectPtr SectionOf(json::ObjectPtr object, const std::string& key) {
  json::ObjectPtr section = json::ObjectIn(object, key);
  if (section) return section;
  section = json::MakeObject();
  object->set(key, section);
  return section;
}

std::string MetaString(json::ObjectPtr object, std::string_view field) {
  return json::StringIn(json::ObjectIn(object, "metadata"), field).value_or("");
}

std::string ConditionStatus(const json::ObjectPtr& object, std::string_view type) {
  for (const auto& condition : json::ObjectsIn(json::ObjectIn(object, "status"), "conditions")) {
    if (json::TextIn(condition, "type") == type) return json::TextIn(condition, "status");
  }
  return "";
}

void SetStrings(json::ObjectPtr object, std::string_view key, const std::vector<std::string>& values) {
  if (values.empty()) {
    object->remove(std::string(key));
    return;
  }
  json::ArrayPtr array = json::MakeArray();
  for (const std::string& value : values) array->add(value);
  object->set(std::string(key), array);
}

std::string CheckSubdomainName(std::string_view name) {
  if (name.size() > 253) return "must be no more than 253 characters";
  return IsDnsSubdomain(name) ? std::string() : std::string(kSubdomainRule);
}

std::string CheckLabelName(std::string_view name) {
  if (name.size() > 63) return "must be no more than 63 characters";
  return IsDnsLabel(name) ? std::string() : std::string(kLabelRule);
}

std::vector<std::string> CheckPortName(std::string_view name) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto known = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  std::vector<std::string> problems;
  if (name.size() > 15) problems.emplace_back("must be no more than 15 characters");
  if (!std::all_of(name.begin(), name.end(), known))
    problems.emplace_back("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (std::none_of(name.begin(), name.end(), letter))
    problems.emplace_back("must contain at least one letter (a-z)");
  if (name.find("--") != std::string_view::npos)
    problems.emplace_back("must not contain consecutive hyphens");
  if (!name.empty() && (name.front() == '-' || name.back() == '-'))
    problems.emplace_back("must not begin or end with a hyphen");
  return problems;
}

std::vector<FieldError> ValidateMeta(json::ObjectPtr object, bool namespaced,
                                     std::string (*check_name)(std::string_view)) {
  std::vector<FieldError> errors;
  json::ObjectPtr meta = json::ObjectIn(object, "metadata");
  std::string name = MetaString(object, "name");
  auto check = check_name ? check_name : CheckSubdomainName;
  if (std::string prefix = MetaString(object, "generateName"); !prefix.empty()) {
    // A random suffix is appended to generateName, so it can end in a dash.
    const std::string likely = prefix.back() == '-' ? prefix.substr(0, prefix.size() - 1) + "a" : prefix;
    if (std::string why = check(likely); !why.empty()) {
      errors.push_back(InvalidField("metadata.generateName", prefix, why));
    }
  }
  if (name.empty()) {
    errors.push_back(RequiredField("metadata.name", "name or generateName is required"));
  } else if (std::string why = check(name); !why.empty()) {
    errors.push_back(InvalidField("metadata.name", name, why));
  }
  std::string namespace_ = MetaString(object, "namespace");
  if (namespaced && namespace_.empty()) errors.push_back(RequiredField("metadata.namespace", ""));
  if (!namespaced && !namespace_.empty()) {
    errors.push_back(ForbiddenField("metadata.namespace", "not allowed on this type"));
  }
  CheckLabels(json::ObjectIn(meta, "labels"), "metadata.labels", errors);
  CheckAnnotations(meta, errors);
  CheckOwners(meta, errors);
  CheckFinalizers(meta, errors);
  return errors;
}

void CheckStandardFinalizers(json::ObjectPtr object, std::vector<FieldError>& errors) {
  std::vector<std::string> finalizers = json::StringsIn(json::ObjectIn(object, "metadata"), "finalizers");
  for (std::size_t i = 0; i < finalizers.size(); ++i) {
    const std::string& one = finalizers[i];
    if (one.find('/') != std::string::npos || one == "foregroundDeletion" || one == "orphan" ||
        one == "kubernetes" || one == "customresourcecleanup.apiextensions.k8s.io") {
      continue;
    }
    errors.push_back(InvalidField(StrCat("metadata.finalizers[", i, "]"), one,
                                  "name is neither a standard finalizer name nor is it fully qualified"));
  }
}

void DropEmptyMeta(json::ObjectPtr meta) {
  for (const char* field : {"labels", "annotations", "finalizers", "ownerReferences", "generateName"}) {
    if (!meta->has(field)) continue;
    json::ObjectPtr map = json::ObjectIn(meta, field);
    json::ArrayPtr list = json::ArrayIn(meta, field);
    auto text = json::StringIn(meta, field);
    if (json::IsNull(meta->get(field)) || (map && map->size() == 0) || (list && list->size() == 0) ||
        text == "") {
      meta->remove(field);
    }
  }
}

std::vector<FieldError> ValidateMetaUpdate(json::ObjectPtr fresh, json::ObjectPtr live) {
  std::vector<FieldError> errors;
  json::ObjectPtr fresh_meta = json::ObjectIn(fresh, "metadata"),
                  live_meta = json::ObjectIn(live, "metadata");
  for (const char* field : {"name", "namespace", "uid", "creationTimestamp", "deletionTimestamp"}) {
    std::string now = json::StringIn(fresh_meta, field).value_or("");
    if (now != json::StringIn(live_meta, field).value_or("")) {
      errors.push_back(InvalidField(StrCat("metadata.", field), now, "field is immutable"));
    }
  }
  if (json::StringIn(live_meta, "deletionTimestamp")) {
    const std::vector<std::string> there = json::StringsIn(live_meta, "finalizers");
    const std::set<std::string> before(there.begin(), there.end());
    std::vector<std::string> added;
    for (const std::string& finalizer : json::StringsIn(fresh_meta, "finalizers")) {
      if (before.count(finalizer) == 0) added.push_back(finalizer);
    }
    if (!added.empty()) {
      for (std::string& one : added) one = StrCat("\"", one, "\"");
      errors.push_back(
          ForbiddenField("metadata.finalizers",
                         StrCat("no new finalizers can be added if the object is being deleted, found new "
                                "finalizers []string{",
                                Join(added, ", "), "}")));
    }
  }
  return errors;
}

std::string MetaTypeMismatch(json::ObjectPtr object) {
  if (!object->has("metadata") || json::IsNull(object->get("metadata"))) return {};
  json::ObjectPtr meta = json::ObjectIn(object, "metadata");
  if (!meta) {
    return StrCat("json: cannot unmarshal ", GoName(object->get("metadata")),
                  " into Go value of type v1.ObjectMeta");
  }
  for (const char* field : {"name", "namespace", "generateName", "uid", "resourceVersion",
                            "creationTimestamp", "deletionTimestamp"}) {
    if (meta->has(field) && !json::IsNull(meta->get(field)) && !json::StringIn(meta, field)) {
      return StrCat("json: cannot unmarshal ", GoName(meta->get(field)), " into Go struct field ObjectMeta.",
                    field, " of type string");
    }
  }
  for (const char* field : {"creationTimestamp", "deletionTimestamp"}) {
    const std::string time = json::StringIn(meta, field).value_or("");
    if (time.empty() || ParseRfc3339(time)) continue;
    return StrCat("parsing time \"", time, "\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"", time,
                  "\" as \"2006\"");
  }
  for (const char* field : {"labels", "annotations"}) {
    if (!meta->has(field) || json::IsNull(meta->get(field))) continue;
    json::ObjectPtr map = json::ObjectIn(meta, field);
    if (!map) {
      return StrCat("json: cannot unmarshal ", GoName(meta->get(field)), " into Go struct field ObjectMeta.",
                    field, " of type map[string]string");
    }
    if (const json::Tree odd = FirstNoString(map); !json::IsNull(odd)) {
      return StrCat("json: cannot unmarshal ", GoName(odd), " into Go struct field ObjectMeta.", field,
                    " of type string");
    }
  }
  for (const char* field : {"finalizers", "ownerReferences", "managedFields"}) {
    if (meta->has(field) && !json::IsNull(meta->get(field)) && !json::ArrayIn(meta, field)) {
      return StrCat("json: cannot unmarshal ", GoName(meta->get(field)), " into Go struct field ObjectMeta.",
                    field, " of type []string");
    }
  }
  return {};
}

bool EqualExcept(json::ObjectPtr a, json::ObjectPtr b, const std::vector<std::string>& fields) {
  auto skipped = [&](const std::string& name) {
    return std::find(fields.begin(), fields.end(), name) != fields.end();
  };
  for (const auto& [name, value] : *a) {
    if (!skipped(name) && !json::Equal(value, b->get(name))) return false;
  }
  for (const auto& [name, value] : *b) {
    if (!skipped(name) && !a->has(name) && !json::IsNull(value)) return false;
  }
  return true;
}

bool EqualExceptManagedFields(json::ObjectPtr a, json::ObjectPtr b) {
  return EqualExcept(a, b, {"metadata"}) &&
         EqualExcept(MetaOf(a), MetaOf(b), {"managedFields", "resourceVersion"});
}

}  // namespace capstan::apiserver
