#include <capstan/core/managed/crd.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::managed {
namespace {

using json::ArrayPtr;
using json::ObjectPtr;

// ---- The fields. Their descriptions appear in `kubectl explain`. ----

constexpr char kSpec[] = R"json({
  "deletionPolicy": {"type": "string", "enum": ["Delete", "Retain"],
    "description": "What happens to the cloud object when this object is deleted. Default: Delete, and Retain with adopt."},
  "deletionProtection": {"type": "boolean", "default": false,
    "description": "While true, deleting this object does not delete the cloud object."},
  "managementPolicy": {"type": "string", "enum": ["Full", "Observe", "ReadOnly"],
    "description": "Full: the cloud object is kept as this spec says. Observe: it is only observed, and status shows what Full would do. ReadOnly: this object only refers to one, which is only observed: never tagged, compared, changed or deleted. Default: Full, and Observe with adopt."},
  "createTimeoutSeconds": {"type": "integer", "minimum": 60, "maximum": 86400,
    "description": "A creation that takes longer is reported with reason CreatingTooLong; the operator keeps observing it. Default: the provider's, mostly 30 minutes."},
  "allowDestructive": {"type": "boolean", "default": false,
    "description": "Whether steps that destroy something are taken without an approval."},
  "recreateIfLost": {"type": "boolean", "default": false,
    "description": "Whether the operator creates a cloud object that vanished again."}
})json";

constexpr char kLaterChoice[] = "ReadOnly";

constexpr char kAdopt[] = R"json({"type": "object",
  "description": "An existing cloud object to adopt instead of creating one. It gets our tags; managementPolicy says what else may change.",
  "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 255,
    "description": "Its name, where the account has only one of that name."}}})json";

constexpr char kAssociatedWish[] =
    R"json({"x-kubernetes-preserve-unknown-fields": true, "pattern": "^(Keep|Delete)$",
  "description": "What happens to objects that were created through the cloud object when it is deleted: Keep (the default), Delete, or an object that says which kinds go, each true, false or a list of ids."})json";

constexpr char kCredentials[] = R"json({"type": "string", "minLength": 1, "maxLength": 317,
  "pattern": "^([a-z0-9]([-a-z0-9]*[a-z0-9])?/)?[a-z0-9]([-.a-z0-9]*[a-z0-9])?$",
  "description": "The Secret with the credentials: 'name', or 'namespace/name' where that Secret allows it. Default: the operator's environment, where the operator allows that."})json";

constexpr char kConnectionSecret[] = R"json({"type": "object",
  "description": "Name and keys of the Secret with the connection details. Default: named after this object, with the provider's keys.",
  "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 253,
      "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
      "description": "The name of the Secret, in the namespace of this object."},
    "keys": {"type": "object", "description": "Names of keys in the Secret, by the names that the provider gives them.",
      "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 253, "pattern": "^[-._a-zA-Z0-9]+$"}}}})json";

constexpr char kStatus[] = R"json({
  "observedGeneration": {"type": "integer", "format": "int64",
    "description": "The generation of the spec that this status is about."},
  "external": {"type": "object", "x-kubernetes-preserve-unknown-fields": true,
    "description": "The operator's own record: id, account, and the intent of a request whose outcome is not known yet. Do not edit."},
  "conditions": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
    "description": "Ready: whether the cloud object can be used. Synced: whether the cloud object matches the spec.",
    "items": {"type": "object", "description": "One aspect of the state.",
      "required": ["type", "status", "reason", "lastTransitionTime"],
      "properties": {
        "type": {"type": "string", "maxLength": 316, "description": "Ready or Synced."},
        "status": {"type": "string", "enum": ["True", "False", "Unknown"], "description": "Whether it is so."},
        "reason": {"type": "string", "maxLength": 1024, "description": "A stable word for why."},
        "message": {"type": "string", "maxLength": 32768, "description": "The reason in words."},
        "lastTransitionTime": {"type": "string", "format": "date-time", "description": "When status changed last."},
        "observedGeneration": {"type": "integer", "format": "int64",
          "description": "The generation of the spec that it is about."}}}}
})json";

constexpr char kText[] = R"json({"type": "string"})json";

constexpr char kPlan[] = R"json({"type": "object",
  "description": "How the cloud object differs from the spec, and the steps that remove the differences. Absent when nothing differs.",
  "properties": {
    "hash": {"type": "string", "description": "Identifies what this plan destroys. An approval covers that and nothing else."},
    "current": {"type": "string", "description": "The target of the step that the operator carries out or waits for."},
    "waiting": {"type": "string", "description": "What the cloud is still doing for an earlier step."},
    "monthlyCostChange": {"type": "number", "description": "By how much all steps together change the monthly cost, as far as prices are known."},
    "steps": {"type": "array", "x-kubernetes-list-type": "atomic", "description": "The remaining steps, in order.",
      "items": {"type": "object", "description": "One step.", "properties": {
        "verb": {"type": "string", "description": "What is done."},
        "target": {"type": "string", "description": "To what."},
        "why": {"type": "string", "description": "The difference that it removes, in words."},
        "makes": {"type": "boolean", "description": "Whether it creates something that costs money."},
        "destroys": {"type": "boolean", "description": "Whether it destroys something: it waits for spec.allowDestructive or an approval."},
        "waits": {"type": "boolean", "description": "Whether it waits until the cloud object is ready again."},
        "monthlyCostChange": {"type": "number", "description": "By how much it changes the monthly cost, as far as prices are known."}}}},
    "differences": {"type": "array", "x-kubernetes-list-type": "atomic", "description": "The fields that differ from the spec.",
      "items": {"type": "object", "description": "One field.", "properties": {
        "field": {"type": "string", "description": "Its path."},
        "wanted": {"type": "string", "description": "What the spec says, as JSON."},
        "seen": {"type": "string", "description": "What the cloud object has, as JSON."}}}},
    "unsupported": {"type": "array", "x-kubernetes-list-type": "atomic", "description": "Differences that no step can remove.",
      "items": {"type": "object", "description": "One difference.", "properties": {
        "field": {"type": "string", "description": "Its path."},
        "why": {"type": "string", "description": "Why it stays."}}}}}})json";

constexpr char kAssociated[] = R"json({"type": "array", "x-kubernetes-list-type": "atomic",
  "description": "Objects that were created through the cloud object and would stay behind without it, as last observed.",
  "items": {"type": "object", "description": "One of them.", "properties": {
    "kind": {"type": "string", "description": "What it is."},
    "id": {"type": "string", "description": "Its id."},
    "name": {"type": "string", "description": "Its name."},
    "monthlyCost": {"type": "number", "description": "What it costs a month. Absent while that is unknown."},
    "goes": {"type": "boolean", "description": "Whether spec.associatedResources deletes it too."}}}})json";

struct Column {
  const char* name;
  const char* type;
  const char* path;
  const char* description;
};
constexpr Column kColumns[] = {
    {"Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status", "Whether it can be used."},
    {"Synced", "string", ".status.conditions[?(@.type==\"Synced\")].reason",
     "Whether the cloud object matches the spec."},
    {"Age", "date", ".metadata.creationTimestamp", "When this object was created."},
};

// ---- Merging ----

ObjectPtr Parse(const char* text) { return json::ParseObject(text).value_or(json::MakeObject()); }

std::string TypeOf(const ObjectPtr& schema) { return json::StringIn(schema, "type").value_or("no type"); }

// The object under a name; created if missing.
ObjectPtr Enter(const ObjectPtr& object, const std::string& name) {
  if (auto inner = json::ObjectIn(object, name)) return inner;
  auto made = json::MakeObject();
  ObjectPtr(object)->set(name, made);
  return made;
}

class Completion {
 public:
  Completion(std::string crd, const external::KindInfo& kind) : crd_(std::move(crd)), kind_(kind) {}

  Status Schema(const ObjectPtr& root) const {
    const ObjectPtr spec = Enter(Enter(root, "properties"), "spec");
    const ObjectPtr status = Enter(Enter(root, "properties"), "status");
    CAPSTAN_RETURN_IF_ERROR(Merge(spec, Wrap(SpecFields()), "spec"));
    CAPSTAN_RETURN_IF_ERROR(AtPath(root, kind_.credentials_field, kCredentials));
    CAPSTAN_RETURN_IF_ERROR(AtPath(root, kind_.connection_secret_field, kConnectionSecret));
    return Merge(status, Wrap(StatusFields()), "status");
  }

  void Columns(const ObjectPtr& version) const {
    ArrayPtr columns = json::ArrayIn(version, "additionalPrinterColumns");
    if (columns.isNull()) {
      columns = json::MakeArray();
      ObjectPtr(version)->set("additionalPrinterColumns", columns);
      if (!kind_.id_status_field.empty())
        Add(columns, {"ID", "string", "", "The cloud's id."}, ".status." + kind_.id_status_field);
    }
    for (const Column& column : kColumns) {
      bool there = false;
      for (std::size_t i = 0; i < columns->size(); ++i) {
        const auto other = json::AsObject(columns->get(static_cast<unsigned>(i)));
        there = there || json::StringIn(other, "name") == column.name ||
                json::StringIn(other, "jsonPath") == column.path;
      }
      if (!there) Add(columns, column, column.path);
    }
  }

 private:
  Failure Clash(const std::string& path, std::string_view why) const {
    return Fail(Code::kInvalidArgument, StrCat("the CRD ", crd_, " clashes with the operator's own field ",
                                               path, ": ", why, "; leave that field out, it is added"));
  }

  static ObjectPtr Wrap(const ObjectPtr& properties) {
    auto wrapped = json::MakeObject();
    wrapped->set("type", std::string("object"));
    wrapped->set("properties", properties);
    return wrapped;
  }
  ObjectPtr SpecFields() const {
    ObjectPtr fields = Parse(kSpec);
    ObjectPtr adopt = Parse(kAdopt);
    const std::string id = kind_.id_status_field.empty() ? "id" : kind_.id_status_field;
    ObjectPtr by_id =
        Parse(R"({"type": "string", "minLength": 1, "maxLength": 1024, "description": "Its id."})");
    ObjectPtr(Enter(adopt, "properties"))->set(id, by_id);
    auto rule = json::MakeObject();
    rule->set("rule", StrCat("has(self.", id, ") != has(self.name)"));
    rule->set("message", StrCat("adopt needs either ", id, " or name"));
    auto rules = json::MakeArray();
    rules->add(rule);
    adopt->set("x-kubernetes-validations", rules);
    fields->set("adopt", adopt);
    if (!kind_.associated_status_field.empty()) fields->set("associatedResources", Parse(kAssociatedWish));
    return fields;
  }
  ObjectPtr StatusFields() const {
    ObjectPtr fields = Parse(kStatus);
    for (const std::string* name :
         {&kind_.id_status_field, &kind_.phase_status_field, &kind_.connection_status_field}) {
      if (!name->empty()) fields->set(*name, Parse(kText));
    }
    if (!kind_.plan_status_field.empty()) fields->set(kind_.plan_status_field, Parse(kPlan));
    if (!kind_.associated_status_field.empty())
      fields->set(kind_.associated_status_field, Parse(kAssociated));
    return fields;
  }

  // A dotted path below the root, such as spec.tokenSecret.
  Status AtPath(const ObjectPtr& root, const std::string& field, const char* schema) const {
    if (field.empty()) return {};
    const auto path = Split(field, '.');
    ObjectPtr at = root;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      at = Enter(Enter(at, "properties"), path[i]);
      if (!at->has("type")) at->set("type", std::string("object"));
    }
    return Merge(Enter(Enter(at, "properties"), path.back()), Parse(schema), field);
  }

  // Adds to `theirs` the parts of `ours` that it lacks.
  Status Merge(ObjectPtr theirs, const ObjectPtr& ours, const std::string& path) const {
    if (theirs->size() == 0) {
      for (const std::string& name : ours->getNames()) theirs->set(name, json::Clone(ours->get(name)));
      return {};
    }
    const bool preserves = json::BooleanIn(ours, "x-kubernetes-preserve-unknown-fields").value_or(false);
    if (preserves && !json::BooleanIn(theirs, "x-kubernetes-preserve-unknown-fields").value_or(false))
      return Clash(path, "it must keep unknown fields (x-kubernetes-preserve-unknown-fields: true)");
    if (ours->has("type") && !theirs->has("type") && theirs->has("properties"))
      theirs->set("type", TypeOf(ours));
    if (ours->has("type") && TypeOf(theirs) != TypeOf(ours))
      return Clash(path, StrCat("there it is of ", theirs->has("type") ? "type " : "", TypeOf(theirs),
                                ", the operator needs ", TypeOf(ours)));
    CAPSTAN_RETURN_IF_ERROR(Choices(theirs, ours, path));
    if (const auto wanted = json::ObjectIn(ours, "properties")) {
      const ObjectPtr have = Enter(theirs, "properties");
      for (const std::string& name : wanted->getNames())
        CAPSTAN_RETURN_IF_ERROR(
            Merge(Enter(have, name), json::ObjectIn(wanted, name), StrCat(path, ".", name)));
    }
    if (const auto items = json::ObjectIn(ours, "items"))
      CAPSTAN_RETURN_IF_ERROR(Merge(Enter(theirs, "items"), items, path + "[]"));
    return {};
  }
  Status Choices(const ObjectPtr& theirs, const ObjectPtr& ours, const std::string& path) const {
    const auto wanted = json::ArrayIn(ours, "enum"), have = json::ArrayIn(theirs, "enum");
    for (std::size_t i = 0; !wanted.isNull() && !have.isNull() && i < wanted->size(); ++i) {
      const std::string choice = wanted->get(static_cast<unsigned>(i)).toString();
      const bool there =
          std::any_of(have->begin(), have->end(), [&](const auto& one) { return one.toString() == choice; });
      if (there) continue;
      // A CRD that predates this choice gives all the others the same meaning.
      if (choice != kLaterChoice) return Clash(path, StrCat("its choices lack ", choice));
      ArrayPtr(have)->add(choice);
    }
    return {};
  }
  static void Add(ArrayPtr columns, const Column& column, const std::string& path) {
    auto made = json::MakeObject();
    made->set("name", std::string(column.name));
    made->set("type", std::string(column.type));
    made->set("jsonPath", path);
    made->set("description", std::string(column.description));
    columns->add(made);
  }

  const std::string crd_;
  const external::KindInfo& kind_;
};

}  // namespace

Result<std::string> CompleteCrd(const std::string& crd, const external::Manifest& manifest) {
  CAPSTAN_TRY(const ObjectPtr document, json::ParseObject(crd));
  const ObjectPtr metadata = Enter(document, "metadata"), spec = json::ObjectIn(document, "spec");
  const std::string name = json::StringIn(metadata, "name").value_or("");
  const auto kind = std::find_if(manifest.kinds.begin(), manifest.kinds.end(), [&](const auto& one) {
    return json::StringIn(spec, "group") == one.group &&
           json::StringIn(json::ObjectIn(spec, "names"), "kind") == one.kind;
  });
  if (kind == manifest.kinds.end()) return crd;
  const auto refuse = [&](std::string_view why) {
    return Fail(Code::kInvalidArgument,
                StrCat("the CRD ", name.empty() ? "without a name" : name, " of ", kind->kind, " ", why));
  };
  if (name != StrCat(kind->plural, ".", kind->group))
    return refuse(StrCat("must be called ", kind->plural, ".", kind->group,
                         ", as the manifest's plural and group say"));
  const auto label = json::StringIn(Enter(metadata, "labels"), "capstan.dev/plugin");
  if (label && *label != manifest.name)
    return refuse(
        StrCat("is labelled capstan.dev/plugin=", *label, "; the plugin is called ", manifest.name));
  ObjectPtr(Enter(metadata, "labels"))->set("capstan.dev/plugin", manifest.name);

  const auto versions = json::ArrayIn(spec, "versions");
  bool served = false;
  const Completion completion(name, *kind);
  for (std::size_t i = 0; !versions.isNull() && i < versions->size(); ++i) {
    const ObjectPtr version = json::AsObject(versions->get(static_cast<unsigned>(i)));
    if (version.isNull()) return refuse("has a version that is no object");
    served = served || (json::StringIn(version, "name") == kind->version &&
                        json::BooleanIn(version, "served").value_or(false));
    const ObjectPtr root = Enter(Enter(version, "schema"), "openAPIV3Schema");
    if (!root->has("type")) ObjectPtr(root)->set("type", std::string("object"));
    CAPSTAN_RETURN_IF_ERROR(completion.Schema(root));
    completion.Columns(version);
    Enter(Enter(version, "subresources"), "status");
  }
  if (!served)
    return refuse(StrCat("does not serve the version ", kind->version, ", which the manifest names"));
  return json::ToText(document);
}

}  // namespace capstan::managed
