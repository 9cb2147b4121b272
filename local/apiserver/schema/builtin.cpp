#include <capstan/local/apiserver/schema/builtin.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/schema/micro_time.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {
namespace {

using Kind = BuiltinField::Kind;
using Repeat = BuiltinField::Repeat;

struct Option {
  std::string_view name, value;
};

Option OptionOf(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return {text, {}};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

struct Scalar {
  const char* type;
  const char* format;
  bool open = false;  // accepts anything below it
};

Scalar ScalarOf(Kind kind) {
  switch (kind) {
    case Kind::kInt32:
      return {"integer", "int32"};
    case Kind::kInt64:
      return {"integer", "int64"};
    case Kind::kBool:
      return {"boolean", ""};
    case Kind::kNumber:
      return {"number", "double"};
    case Kind::kBytes:
      return {"string", "byte"};
    case Kind::kTime:
    case Kind::kMicroTime:
      return {"string", "date-time"};
    case Kind::kQuantity:
      return {"string", "quantity"};
    case Kind::kIntOrString:
      return {"string", "int-or-string"};
    case Kind::kFields:
    case Kind::kRaw:
      return {"object", "", true};
    case Kind::kString:
      return {"string", ""};
    default:
      return {"", "", true};
  }
}

// Calls `use` with each field at the JSON level of the type.
template <class Use>
void EachField(const BuiltinType& type, const Use& use) {
  for (const BuiltinField& field : type.fields) {
    if (field.name.empty()) {
      EachField(*field.type, use);
    } else {
      use(field);
    }
  }
}

bool IsBody(const BuiltinType& type) {
  return type.kind || (type.package == "meta" && (type.name == "Status" || type.name == "DeleteOptions"));
}

constexpr std::string_view kVersionText = "The version of the API that this object is written in.";
constexpr std::string_view kKindText = "What this object is.";

// Converts types into schema nodes. A type that is used in several places is converted once, and
// its parts are shared.
class NodeMaker final {
 public:
  std::shared_ptr<SchemaNode> Definition(const BuiltinType& type) {
    std::shared_ptr<SchemaNode>& node = made_[&type];
    if (node) return node;
    node = std::make_shared<SchemaNode>();
    node->type = "object";
    node->description = type.description;
    node->definition = type.full_name;
    if (type.atomic) node->map_type = "atomic";
    node->preserve_unknown_fields = node->preserve_unknown_fields_given = type.open;
    if (type.open) return node;
    const std::shared_ptr<SchemaNode> made = node;  // made_ grows below
    if (IsBody(type)) {
      made->properties["apiVersion"] = Text(kVersionText);
      made->properties["kind"] = Text(kKindText);
    }
    EachField(type, [&](const BuiltinField& field) {
      made->properties[std::string(field.name)] = Of(field);
      if (field.required) made->required.emplace_back(field.name);
    });
    return made;
  }

 private:
  static std::shared_ptr<SchemaNode> Text(std::string_view description) {
    auto node = std::make_shared<SchemaNode>();
    node->type = "string";
    node->description = description;
    return node;
  }

  std::shared_ptr<SchemaNode> Value(const BuiltinField& field) {
    if (field.kind == Kind::kMessage) return Definition(*field.type);
    std::shared_ptr<SchemaNode>& node = scalars_[field.kind];
    if (node) return node;
    node = std::make_shared<SchemaNode>();
    if (field.kind == Kind::kStrings) {
      node->type = "array";
      node->items = Text("");
      return node;
    }
    const Scalar scalar = ScalarOf(field.kind);
    node->type = scalar.type;
    node->format = field.kind == Kind::kMicroTime ? kMicroTimeFormat : scalar.format;
    node->preserve_unknown_fields = node->preserve_unknown_fields_given = scalar.open;
    return node;
  }

  std::shared_ptr<SchemaNode> Of(const BuiltinField& field) {
    const std::shared_ptr<SchemaNode> value = Value(field);
    std::shared_ptr<SchemaNode> node;
    if (field.repeat == Repeat::kOne) {
      if (field.description.empty() && field.options.empty()) return value;
      node = std::make_shared<SchemaNode>(*value);
    } else {
      node = std::make_shared<SchemaNode>();
      node->type = field.repeat == Repeat::kList ? "array" : "object";
      (field.repeat == Repeat::kList ? node->items : node->additional) = value;
    }
    if (!field.description.empty()) node->description = field.description;
    for (const std::string_view text : field.options) Apply(OptionOf(text), field, *node);
    return node;
  }

  static void Apply(const Option& option, const BuiltinField& field, SchemaNode& node) {
    const bool is_list = field.repeat == Repeat::kList;
    if (option.name == "set" || option.name == "atomic") {
      (is_list ? node.list_type : node.map_type) = option.name;
    } else if (option.name == "keys") {
      node.list_type = "map";
      node.list_map_keys = Split(option.value, ',');
    } else if (option.name == "merge") {
      const std::size_t comma = option.value.find(',');
      node.patch_merge_key = option.value.substr(0, comma);
      node.patch_strategy = comma == std::string_view::npos ? "merge" : "merge,retainKeys";
    } else if (option.name == "retain") {
      node.patch_strategy = "retainKeys";
    } else if (option.name == "default") {
      node.has_default = true;
      node.default_value = std::string(option.value.substr(1, option.value.size() - 2));
    }
  }

  std::map<const BuiltinType*, std::shared_ptr<SchemaNode>> made_;
  std::map<Kind, std::shared_ptr<SchemaNode>> scalars_;
};

// --- likewise as JSON, for the OpenAPI documents

json::ObjectPtr Typed(std::string_view type, std::string_view format = {}) {
  json::ObjectPtr schema = json::MakeObject();
  if (!type.empty()) schema->set("type", std::string(type));
  if (!format.empty()) schema->set("format", std::string(format));
  return schema;
}

json::ObjectPtr DocumentedValue(const BuiltinField& field) {
  if (field.kind == Kind::kMessage) {
    json::ObjectPtr schema = json::MakeObject();
    schema->set("$ref", field.type->full_name);
    return schema;
  }
  if (field.kind == Kind::kStrings) {
    json::ObjectPtr list = Typed("array");
    list->set("items", Typed("string"));
    return list;
  }
  const Scalar scalar = ScalarOf(field.kind);
  json::ObjectPtr schema = Typed(scalar.type, scalar.format);
  if (scalar.open) schema->set("x-kubernetes-preserve-unknown-fields", true);
  return schema;
}

void Document(const Option& option, const BuiltinField& field, json::ObjectPtr schema) {
  const bool is_list = field.repeat == Repeat::kList;
  if (option.name == "set" || option.name == "atomic") {
    schema->set(is_list ? "x-kubernetes-list-type" : "x-kubernetes-map-type", std::string(option.name));
  } else if (option.name == "keys") {
    schema->set("x-kubernetes-list-type", std::string("map"));
    schema->set("x-kubernetes-list-map-keys", json::ArrayOf(Split(option.value, ',')));
  } else if (option.name == "merge") {
    const std::size_t comma = option.value.find(',');
    if (const std::string key(option.value.substr(0, comma)); !key.empty())
      schema->set("x-kubernetes-patch-merge-key", key);
    schema->set("x-kubernetes-patch-strategy",
                std::string(comma == std::string_view::npos ? "merge" : "merge,retainKeys"));
  } else if (option.name == "retain") {
    schema->set("x-kubernetes-patch-strategy", std::string("retainKeys"));
  } else if (option.name == "default") {
    schema->set("default", std::string(option.value.substr(1, option.value.size() - 2)));
  }
}

json::ObjectPtr DocumentedField(const BuiltinField& field) {
  json::ObjectPtr schema = DocumentedValue(field);
  if (field.repeat != Repeat::kOne) {
    json::ObjectPtr whole = Typed(field.repeat == Repeat::kList ? "array" : "object");
    whole->set(field.repeat == Repeat::kList ? "items" : "additionalProperties", schema);
    schema = whole;
  }
  if (!field.description.empty()) schema->set("description", std::string(field.description));
  for (const std::string_view text : field.options) Document(OptionOf(text), field, schema);
  return schema;
}

json::ObjectPtr DocumentedType(const BuiltinType& type) {
  json::ObjectPtr definition = Typed("object");
  definition->set("description", std::string(type.description));
  if (type.atomic) definition->set("x-kubernetes-map-type", std::string("atomic"));
  if (type.open) {
    definition->set("x-kubernetes-preserve-unknown-fields", true);
    return definition;
  }
  json::ObjectPtr properties = json::MakeObject();
  json::ArrayPtr required = json::MakeArray();
  auto text = [&](const char* name, std::string_view description) {
    json::ObjectPtr schema = Typed("string");
    schema->set("description", std::string(description));
    properties->set(name, schema);
  };
  if (IsBody(type)) {
    text("apiVersion", kVersionText);
    text("kind", kKindText);
  }
  EachField(type, [&](const BuiltinField& field) {
    properties->set(std::string(field.name), DocumentedField(field));
    if (field.required) required->add(std::string(field.name));
  });
  if (required->size() > 0) definition->set("required", required);
  if (properties->size() > 0) definition->set("properties", properties);
  return definition;
}

// "v1" or "apps/v1" from group and version, as in the tables.
std::string ApiVersionOf(std::string_view group, std::string_view version) {
  return group.empty() ? std::string(version) : StrCat(group, "/", version);
}

}  // namespace

std::shared_ptr<const BuiltinSchemas> BuiltinSchemas::Make() {
  std::shared_ptr<BuiltinSchemas> schemas(new BuiltinSchemas());
  NodeMaker maker;
  for (const auto& [key, type] : schemas->types_.kinds()) {
    schemas->compiled_[key] = std::make_shared<const CompiledSchema>(maker.Definition(*type));
  }
  return schemas;
}

const BuiltinSchemas::Definitions& BuiltinSchemas::definitions() const {
  std::call_once(documented_, [this] {
    for (const BuiltinType& type : types_.all()) definitions_[type.full_name] = DocumentedType(type);
    // The body of a patch has many forms; clients only check that this definition exists.
    json::ObjectPtr patch = Typed("object");
    patch->set("description", std::string("A change, in the format that the content type names."));
    definitions_["io.k8s.apimachinery.pkg.apis.meta.v1.Patch"] = patch;
  });
  return definitions_;
}

const CompiledSchema* BuiltinSchemas::Find(std::string_view group, std::string_view version,
                                           std::string_view kind) const {
  const auto found = compiled_.find(StrCat(ApiVersionOf(group, version), "/", kind));
  return found == compiled_.end() ? nullptr : found->second.get();
}

const BuiltinType* BuiltinSchemas::Type(std::string_view group, std::string_view version,
                                        std::string_view kind) const {
  return types_.FindKind(ApiVersionOf(group, version), kind);
}

std::string BuiltinSchemas::DefinitionName(std::string_view group, std::string_view version,
                                           std::string_view kind) const {
  const BuiltinType* type = Type(group, version, kind);
  return type ? type->full_name : "";
}

}  // namespace capstan::apiserver
