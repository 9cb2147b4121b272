#include <capstan/local/apiserver/openapi/schemas.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/value.hpp>

namespace capstan::apiserver {
namespace {

constexpr const char* kKindMark = "x-kubernetes-group-version-kind";
constexpr const char* kPreserve = "x-kubernetes-preserve-unknown-fields";

bool IsTrue(const json::ObjectPtr& schema, const char* key) {
  return json::BooleanIn(schema, key).value_or(false);
}

// Keys that contain schemas; everything else in a schema is copied unchanged.
json::Tree ConvertBuiltin(const json::Tree& tree, OpenApiStyle style, std::vector<std::string>& named);

json::ObjectPtr ConvertProperties(const json::ObjectPtr& properties, OpenApiStyle style,
                                  std::vector<std::string>& named) {
  json::ObjectPtr converted = json::MakeObject();
  for (const auto& name : properties->getNames())
    converted->set(name, ConvertBuiltin(properties->get(name), style, named));
  return converted;
}

json::Tree ConvertBuiltin(const json::Tree& tree, OpenApiStyle style, std::vector<std::string>& named) {
  const json::ObjectPtr schema = json::AsObject(tree);
  json::ObjectPtr converted = json::MakeObject();
  for (const auto& key : schema->getNames()) {
    const json::Tree value = schema->get(key);
    if (key == "$ref") {
      named.push_back(value.toString());
      const json::ObjectPtr reference = ReferenceTo(named.back(), style);
      if (style == OpenApiStyle::kV2) {
        converted->set("$ref", reference->get("$ref"));
      } else {
        json::ArrayPtr all_of = json::MakeArray();
        all_of->add(reference);
        converted->set("allOf", all_of);
      }
    } else if (key == "properties") {
      converted->set(key, ConvertProperties(json::AsObject(value), style, named));
    } else if (key == "items" || key == "additionalProperties") {
      converted->set(key, ConvertBuiltin(value, style, named));
    } else if (key != kPreserve) {
      converted->set(key, json::Clone(value));
    }
  }
  return converted;
}

// Omits what older clients cannot read in a custom resource's schema: they would reject valid
// objects.
json::ObjectPtr ConvertCustom(const json::ObjectPtr& schema, OpenApiStyle style) {
  const bool old = style == OpenApiStyle::kV2;
  const bool open = IsTrue(schema, kPreserve) || IsTrue(schema, "x-kubernetes-embedded-resource");
  const bool untyped = IsTrue(schema, "nullable") || IsTrue(schema, "x-kubernetes-int-or-string");
  json::ObjectPtr converted = json::MakeObject();
  for (const auto& key : schema->getNames()) {
    const json::Tree value = schema->get(key);
    const bool holds_schemas = key == "properties" || key == "items" || key == "additionalProperties";
    if (old && ((holds_schemas && (open || untyped)) || (key == "type" && untyped) || key == "nullable" ||
                key == "anyOf" || key == "oneOf" || key == "allOf" || key == "not" ||
                key == "x-kubernetes-validations")) {
      continue;
    }
    if (key == "properties") {
      json::ObjectPtr properties = json::MakeObject();
      const json::ObjectPtr given = json::AsObject(value);
      for (const auto& name : given->getNames()) {
        const json::ObjectPtr child = json::ObjectIn(given, name);
        if (child) properties->set(name, ConvertCustom(child, style));
      }
      converted->set(key, properties);
    } else if (holds_schemas && json::AsObject(value)) {
      converted->set(key, ConvertCustom(json::AsObject(value), style));
    } else {
      converted->set(key, json::Clone(value));
    }
  }
  return converted;
}

json::ObjectPtr DescribedText(const char* description) {
  json::ObjectPtr schema = json::MakeObject();
  schema->set("type", std::string("string"));
  schema->set("description", std::string(description));
  return schema;
}

json::ObjectPtr DescribedReference(const std::string& name, const char* description, OpenApiStyle style) {
  json::ObjectPtr reference = json::MakeObject();
  reference->set("$ref", name);
  reference->set("description", std::string(description));
  std::vector<std::string> named;
  return json::AsObject(ConvertBuiltin(reference, style, named));
}

void MarkKind(json::ObjectPtr definition, const ServedResource& resource, const std::string& kind) {
  json::ArrayPtr marks = json::MakeArray();
  marks->add(GroupVersionKind(resource.group, resource.version, kind));
  definition->set(kKindMark, marks);
}

json::ObjectPtr CustomDefinition(const ServedResource& resource, OpenApiStyle style) {
  json::ObjectPtr definition = ConvertCustom(resource.open_api_v3_schema, style);
  json::ObjectPtr properties = json::ObjectIn(definition, "properties");
  const bool open = IsTrue(resource.open_api_v3_schema, kPreserve) && style == OpenApiStyle::kV2;
  if (!open) {
    if (!properties) properties = json::MakeObject();
    properties->set("apiVersion", DescribedText("The version of the API that this object is written in."));
    properties->set("kind", DescribedText("What this object is."));
    properties->set("metadata", DescribedReference(std::string(kMetaDefinitions) + "ObjectMeta",
                                                   "Its name, its marks and its history.", style));
    definition->set("properties", properties);
  }
  MarkKind(definition, resource, resource.kind);
  return definition;
}

json::ObjectPtr ListDefinition(const ServedResource& resource, const std::string& item, OpenApiStyle style) {
  json::ObjectPtr items = json::MakeObject();
  items->set("type", std::string("array"));
  items->set("description", std::string("The objects of the list."));
  items->set("items", ReferenceTo(item, style));
  json::ObjectPtr properties = json::MakeObject();
  properties->set("apiVersion", DescribedText("The version of the API that this list is written in."));
  properties->set("kind", DescribedText("What this list is of."));
  properties->set("metadata", DescribedReference(std::string(kMetaDefinitions) + "ListMeta",
                                                 "What the list says about itself.", style));
  properties->set("items", items);
  json::ArrayPtr required = json::MakeArray();
  required->add(std::string("items"));
  json::ObjectPtr definition = json::MakeObject();
  definition->set("description", StrCat("A list of ", resource.kind, "."));
  definition->set("type", std::string("object"));
  definition->set("required", required);
  definition->set("properties", properties);
  MarkKind(definition, resource, resource.kind + "List");
  return definition;
}

// Adds a built-in definition and, recursively, those that it references.
void AddBuiltin(const std::string& name, const BuiltinSchemas& builtins, OpenApiStyle style,
                Definitions& definitions) {
  const auto found = builtins.definitions().find(name);
  if (found == builtins.definitions().end() || definitions.count(name) > 0) return;
  std::vector<std::string> named;
  definitions[name] = json::AsObject(ConvertBuiltin(found->second, style, named));
  for (const auto& next : named) AddBuiltin(next, builtins, style, definitions);
}

}  // namespace

json::ObjectPtr ReferenceTo(const std::string& name, OpenApiStyle style) {
  json::ObjectPtr reference = json::MakeObject();
  reference->set("$ref", (style == OpenApiStyle::kV2 ? "#/definitions/" : "#/components/schemas/") + name);
  return reference;
}

json::ObjectPtr GroupVersionKind(std::string_view group, std::string_view version, std::string_view kind) {
  json::ObjectPtr mark = json::MakeObject();
  mark->set("group", std::string(group));
  mark->set("kind", std::string(kind));
  mark->set("version", std::string(version));
  return mark;
}

std::string DefinitionNameOf(const ServedResource& resource, const BuiltinSchemas& builtins) {
  if (!resource.open_api_v3_schema) {
    return builtins.DefinitionName(resource.group, resource.version, resource.kind);
  }
  std::vector<std::string> parts = Split(resource.group, '.');
  std::reverse(parts.begin(), parts.end());
  return StrCat(Join(parts, "."), ".", resource.version, ".", resource.kind);
}

Definitions MakeDefinitions(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins,
                            OpenApiStyle style) {
  Definitions definitions;
  for (const char* name : {"ObjectMeta", "ListMeta", "DeleteOptions", "Status", "Patch"}) {
    AddBuiltin(std::string(kMetaDefinitions) + name, builtins, style, definitions);
  }
  for (const auto& resource : resources) {
    const std::string name = DefinitionNameOf(resource, builtins);
    if (name.empty()) continue;
    if (resource.open_api_v3_schema) {
      definitions[name] = CustomDefinition(resource, style);
    } else {
      AddBuiltin(name, builtins, style, definitions);
      MarkKind(definitions[name], resource, resource.kind);
    }
    if (!resource.create_only) definitions[name + "List"] = ListDefinition(resource, name, style);
    if (resource.scale) {
      const std::string scale = builtins.DefinitionName("autoscaling", "v1", "Scale");
      AddBuiltin(scale, builtins, style, definitions);
      ServedResource meant;
      meant.group = "autoscaling";
      meant.version = "v1";
      MarkKind(definitions[scale], meant, "Scale");
    }
  }
  return definitions;
}

}  // namespace capstan::apiserver
