#include <capstan/local/apiserver/catalog/pod_templates.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/field_of.hpp>
#include <capstan/local/apiserver/api/names.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/catalog/builtin_strategies.hpp>

namespace capstan::apiserver {

using json::ObjectPtr;
using json::TextIn;
using Errors = std::vector<FieldError>;

namespace {

bool Selects(const ObjectPtr& selector, const ObjectPtr& labels) {
  if (const ObjectPtr wanted = json::ObjectIn(selector, "matchLabels")) {
    for (const auto& [key, value] : *wanted) {
      if (!labels || json::StringIn(labels, key) != value.toString()) return false;
    }
  }
  for (const ObjectPtr& one : json::ObjectsIn(selector, "matchExpressions")) {
    const std::string key = TextIn(one, "key"), word = TextIn(one, "operator");
    const auto values = json::StringsIn(one, "values");
    const auto value = json::StringIn(labels, key);
    const bool in = value && std::find(values.begin(), values.end(), *value) != values.end();
    const bool fits = word == "In"       ? in
                      : word == "NotIn"  ? !in
                      : word == "Exists" ? value.has_value()
                                         : !value;
    if (!fits) return false;
  }
  return true;
}

}  // namespace

void CheckTemplate(const ObjectPtr& fresh, bool always, Errors& errors) {
  const ObjectPtr spec = json::ObjectIn(fresh, "spec");
  ObjectPtr selector = json::ObjectIn(spec, "selector");
  const ObjectPtr made = json::ObjectIn(spec, "template");
  const ObjectPtr labels = json::ObjectIn(json::ObjectIn(made, "metadata"), "labels");
  if (TextIn(fresh, "kind") == "ReplicationController" && selector) {
    ObjectPtr plain = json::MakeObject();
    plain->set("matchLabels", selector);
    selector = plain;
  }
  CheckLabels(labels, "spec.template.labels", errors);
  if (selector && selector->size() > 0 && !Selects(selector, labels)) {
    errors.push_back(InvalidField("spec.template.metadata.labels",
                                  labels ? json::Tree(labels) : json::Tree(json::MakeObject()),
                                  "`selector` does not match template `labels`"));
  }
  const std::string policy = TextIn(json::ObjectIn(made, "spec"), "restartPolicy");
  if (always && !policy.empty() && policy != "Always")
    errors.push_back(UnsupportedField("spec.template.spec.restartPolicy", policy, {"Always"}));
  const ObjectPtr pod = json::ObjectIn(made, "spec");
  if (always && pod && pod->has("activeDeadlineSeconds")) {
    const std::string kind = TextIn(fresh, "kind");
    errors.push_back(ForbiddenField("spec.template.spec.activeDeadlineSeconds",
                                    StrCat("activeDeadlineSeconds in ",
                                           kind == "Deployment" ? "ReplicaSet" : kind, " is not Supported")));
  }
}

void CheckKept(const ObjectPtr& fresh, const ObjectPtr& old, const std::vector<const char*>& fields,
               Errors& errors) {
  if (!old) return;
  const ObjectPtr now = json::ObjectIn(fresh, "spec"), before = json::ObjectIn(old, "spec");
  for (const char* field : fields) {
    if (!json::Equal(FieldOf(now, field), FieldOf(before, field)))
      errors.push_back(InvalidField(StrCat("spec.", field), FieldOf(now, field), kImmutable));
  }
}

}  // namespace capstan::apiserver
