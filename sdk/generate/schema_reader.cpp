#include <capstan/sdk/generate/schema_reader.hpp>

#include <algorithm>
#include <optional>

#include <capstan/core/base/text.hpp>

namespace capstan::generate {
namespace {

constexpr std::string_view kObjectMetaDefinition = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

tl::unexpected<Error> Bad(const std::string& path, const std::string& what) {
  return Fail(Code::kInvalidArgument, StrCat(path, ": ", what));
}

// The description's first paragraph, on one line.
std::string FirstParagraph(const Json& schema) {
  std::string text = schema["description"].AsString();
  const std::size_t end = text.find("\n\n");
  if (end != std::string::npos) text.resize(end);
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::string clean;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x20) clean.push_back(c);
  }
  return std::string(Trim(clean));
}

bool Has(const Json& object, std::string_view name) {
  return std::any_of(object.fields().begin(), object.fields().end(),
                     [&](const Json::Field& field) { return field.first == name; });
}

class Reader {
 public:
  // `definitions`: from an OpenAPI v2 document; null for a CRD, where $ref is an error.
  explicit Reader(const Json* definitions) : definitions_(definitions) {}

  Model& model() { return model_; }

  // The struct of a whole object: metadata is typed, apiVersion and kind are omitted.
  Status ReadKind(const Json& schema, const KindNames& kind, const std::string& path) {
    names_.Take(kind.kind);
    model_.kinds.push_back(kind);
    return ReadStruct(schema, kind.kind, path, 0, true);
  }

 private:
  Result<Type> ReadType(const Json& schema, const std::string& name, const std::string& path, int depth) {
    if (depth > kDeepest) {
      return Fail(Code::kTooLarge, StrCat(path, ": the schema nests deeper than ", kDeepest, " levels"));
    }
    if (!schema.is_object()) return Bad(path, "a schema must be an object");
    if (Has(schema, "$ref")) return ReadReference(schema, path, depth);
    if (schema["x-kubernetes-int-or-string"].AsBool() || schema["format"].AsString() == "int-or-string") {
      const bool quantity = schema["pattern"].AsString().find("[KMGTPE]i") != std::string::npos;
      return Type{quantity ? Shape::kQuantity : Shape::kIntOrString, "", nullptr};
    }
    const std::string type = schema["type"].AsString();
    if (type.empty()) {
      if (schema["x-kubernetes-preserve-unknown-fields"].AsBool()) return Type{};
      if (definitions_ != nullptr) return Type{};
      return Bad(path,
                 "has no type, so the schema is not structural: give it a type, or set "
                 "x-kubernetes-preserve-unknown-fields or x-kubernetes-int-or-string");
    }
    if (type == "string") return ReadString(schema, name);
    if (type == "boolean") return Type{Shape::kBoolean, "", nullptr};
    if (type == "number") return Type{Shape::kNumber, "", nullptr};
    if (type == "integer") {
      return Type{schema["format"].AsString() == "int32" ? Shape::kInteger32 : Shape::kInteger64, "",
                  nullptr};
    }
    if (type == "array") return ReadArray(schema, name, path, depth);
    if (type == "object") return ReadObject(schema, name, path, depth);
    return Bad(path, StrCat("has the type \"", Shorten(type, 40),
                            "\"; known are array, boolean, integer, number, object and string"));
  }

  Result<Type> ReadString(const Json& schema, const std::string& name) {
    const Json::Array& values = schema["enum"].items();
    const bool texts = std::all_of(values.begin(), values.end(), [](const Json& v) { return v.is_string(); });
    if (!values.empty() && texts) return ReadEnum(schema, name);
    const std::string format = schema["format"].AsString();
    if (format == "date-time") return Type{Shape::kTime, "", nullptr};
    return Type{Shape::kString, "", nullptr};
  }

  Type ReadEnum(const Json& schema, const std::string& name) {
    Enum made{names_.Take(name), FirstParagraph(schema), {}};
    UniqueNames enumerators;
    std::set<std::string> seen;
    for (const Json& value : schema["enum"].items()) {
      const std::string text = value.AsString();
      if (seen.insert(text).second) made.values.push_back({text, enumerators.Take(EnumeratorName(text))});
    }
    Type type{Shape::kEnum, made.name, nullptr};
    model_.enums.push_back(std::move(made));
    return type;
  }

  Result<Type> ReadArray(const Json& schema, const std::string& name, const std::string& path, int depth) {
    if (!Has(schema, "items")) return Bad(path, "is an array without items: say what its elements are");
    CAPSTAN_TRY(Type element, ReadType(schema["items"], name, path + ".items", depth + 1));
    return Type{Shape::kList, "", std::make_shared<const Type>(std::move(element))};
  }

  Result<Type> ReadObject(const Json& schema, const std::string& name, const std::string& path, int depth) {
    if (schema["x-kubernetes-embedded-resource"].AsBool()) return Type{};
    if (!schema["properties"].fields().empty()) {
      const std::string unique = names_.Take(name);
      CAPSTAN_RETURN_IF_ERROR(ReadStruct(schema, unique, path, depth, false));
      return Type{Shape::kStruct, unique, nullptr};
    }
    const Json& values = schema["additionalProperties"];
    if (values.is_object()) {
      Type element;
      if (!values.fields().empty()) {
        CAPSTAN_TRY(element, ReadType(values, name, path + ".additionalProperties", depth + 1));
      }
      return Type{Shape::kMap, "", std::make_shared<const Type>(std::move(element))};
    }
    if (values.AsBool()) return Type{Shape::kMap, "", std::make_shared<const Type>()};
    return Type{};
  }

  Result<Type> ReadReference(const Json& schema, const std::string& path, int depth) {
    if (definitions_ == nullptr) {
      return Bad(path, "uses $ref, which structural schemas do not allow: put the schema itself there");
    }
    const std::string reference = schema["$ref"].AsString();
    constexpr std::string_view kPrefix = "#/definitions/";
    if (reference.rfind(kPrefix, 0) != 0)
      return Bad(path, StrCat("has a $ref that is no definition: ", reference));
    const std::string definition = reference.substr(kPrefix.size());
    if (definition == kObjectMetaDefinition) return Type{Shape::kObjectMeta, "", nullptr};
    if (definition.ends_with(".resource.Quantity")) return Type{Shape::kQuantity, "", nullptr};
    if (definition.ends_with(".intstr.IntOrString")) return Type{Shape::kIntOrString, "", nullptr};
    if (definition.ends_with(".meta.v1.Time") || definition.ends_with(".meta.v1.MicroTime")) {
      return Type{Shape::kTime, "", nullptr};
    }
    if (const auto known = by_definition_.find(definition); known != by_definition_.end()) {
      return known->second.value_or(Type{});  // still being read: a recursive definition
    }
    const Json& target = (*definitions_)[definition];
    if (!target.is_object())
      return Bad(path, StrCat("refers to ", definition, ", which the document does not have"));
    by_definition_[definition] = std::nullopt;
    CAPSTAN_TRY(Type type, ReadType(target, definition.substr(definition.rfind('.') + 1),
                                    StrCat("definitions.", definition), depth + 1));
    by_definition_[definition] = type;
    return type;
  }

  Status ReadStruct(const Json& schema, const std::string& name, const std::string& path, int depth,
                    bool whole) {
    if (model_.structs.size() >= kMostStructs) {
      return Fail(Code::kTooLarge, StrCat(path, ": the schema has more than ", kMostStructs, " objects"));
    }
    Struct made{name, FirstParagraph(schema), {}};
    UniqueNames fields;
    fields.Take("unknown_fields");
    if (whole)
      made.fields.push_back(
          {"metadata", fields.Take("metadata"), {Shape::kObjectMeta, "", nullptr}, true, false, {}, ""});
    std::set<std::string> required;
    for (const Json& one : schema["required"].items()) required.insert(one.AsString());
    for (const auto& [json_name, property] : schema["properties"].fields()) {
      if (whole && (json_name == "metadata" || json_name == "apiVersion" || json_name == "kind")) continue;
      const std::string where = StrCat(path, ".properties.", json_name);
      Field field{json_name,
                  fields.Take(FieldName(json_name)),
                  {},
                  required.count(json_name) > 0,
                  property["nullable"].AsBool(),
                  {},
                  FirstParagraph(property)};
      CAPSTAN_TRY(field.type, ReadType(property, name + TypeNamePart(json_name), where, depth + 1));
      if (Has(property, "default")) field.initial = InitialOf(field.type, property["default"]);
      if (whole && json_name == "spec" && field.type.shape == Shape::kStruct) field.required = true;
      made.fields.push_back(std::move(field));
    }
    model_.structs.push_back(std::move(made));
    return {};
  }

  // Only values that C++ can express as an initialiser and that Kubernetes would fill in as well.
  static std::optional<Json> InitialOf(const Type& type, const Json& value) {
    switch (type.shape) {
      case Shape::kString:
      case Shape::kEnum:
        return value.is_string() ? std::optional(value) : std::nullopt;
      case Shape::kBoolean:
        return value.is_bool() ? std::optional(value) : std::nullopt;
      case Shape::kInteger32:
      case Shape::kInteger64:
      case Shape::kNumber:
        return value.is_number() ? std::optional(value) : std::nullopt;
      default:
        return std::nullopt;
    }
  }

  const Json* const definitions_;
  Model model_;
  UniqueNames names_;
  std::map<std::string, std::optional<Type>> by_definition_;
};

struct Version {
  const Json* json = nullptr;
  std::string path;
};

Result<Version> ChooseVersion(const Json& crd, const std::string& wanted) {
  std::vector<std::string> names;
  Version only, storage;
  const Json::Array& versions = crd["spec"]["versions"].items();
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const Version here{&versions[i], StrCat("spec.versions[", i, "]")};
    const std::string name = versions[i]["name"].AsString();
    names.push_back(name);
    if (!wanted.empty() && name == wanted) return here;
    only = here;
    if (versions[i]["storage"].AsBool()) storage = here;
  }
  if (names.empty())
    return Bad("spec.versions", "is empty: a CustomResourceDefinition has at least one version");
  if (!wanted.empty()) {
    return Bad("spec.versions",
               StrCat("there is no version \"", wanted, "\"; there are: ", Join(names, ", ")));
  }
  if (names.size() == 1) return only;
  if (storage.json == nullptr) return Bad("spec.versions", "none has storage: true; name one with --version");
  return storage;
}

}  // namespace

Result<Model> ReadCrd(const Json& crd, const std::string& version) {
  if (crd["kind"].AsString() != "CustomResourceDefinition") {
    return Bad("kind",
               StrCat("is \"", Shorten(crd["kind"].AsString(), 60), "\", not CustomResourceDefinition"));
  }
  if (crd["apiVersion"].AsString() != "apiextensions.k8s.io/v1") {
    return Bad("apiVersion", StrCat("is \"", Shorten(crd["apiVersion"].AsString(), 60),
                                    "\"; only apiextensions.k8s.io/v1 has structural schemas"));
  }
  const Json& spec = crd["spec"];
  KindNames kind{spec["group"].AsString(), "", spec["names"]["kind"].AsString(),
                 spec["names"]["plural"].AsString(), spec["scope"].AsString() != "Cluster"};
  if (kind.group.empty()) return Bad("spec.group", "is missing");
  if (kind.kind.empty()) return Bad("spec.names.kind", "is missing");
  if (kind.plural.empty()) return Bad("spec.names.plural", "is missing");
  CAPSTAN_TRY(const Version chosen, ChooseVersion(crd, version));
  kind.version = (*chosen.json)["name"].AsString();
  const Json& schema = (*chosen.json)["schema"]["openAPIV3Schema"];
  const std::string path = chosen.path + ".schema.openAPIV3Schema";
  if (!schema.is_object()) return Bad(path, "is missing");
  if (schema["type"].AsString() != "object") return Bad(path + ".type", "must be object");
  Reader reader(nullptr);
  CAPSTAN_RETURN_IF_ERROR(reader.ReadKind(schema, kind, path));
  return std::move(reader.model());
}

Result<Model> ReadOpenApi(const Json& document, const std::vector<std::string>& kinds) {
  const Json& definitions = document["definitions"];
  if (!definitions.is_object()) {
    return Bad("definitions",
               "is missing: an OpenAPI v2 document is needed, as `kubectl get --raw /openapi/v2` prints it");
  }
  Reader reader(&definitions);
  for (const std::string& wanted : kinds) {
    const std::vector<std::string> pieces = Split(wanted, '/');
    KindNames names;
    names.kind = pieces.back();
    if (pieces.size() >= 2) names.version = pieces[pieces.size() - 2];
    if (pieces.size() == 3) names.group = pieces[0];
    const Json* found = nullptr;
    std::string where;
    for (const auto& [name, definition] : definitions.fields()) {
      for (const Json& gvk : definition["x-kubernetes-group-version-kind"].items()) {
        if (gvk["group"].AsString() == names.group && gvk["version"].AsString() == names.version &&
            gvk["kind"].AsString() == names.kind && !definition["properties"]["metadata"].is_null()) {
          found = &definition;
          where = "definitions." + name;
        }
      }
    }
    if (found == nullptr)
      return Bad("definitions",
                 StrCat("has no kind ", wanted, "; write it as apps/v1/Deployment or v1/Secret"));
    for (const auto& [url, operations] : document["paths"].fields()) {
      const Json& gvk = operations["post"]["x-kubernetes-group-version-kind"];
      if (gvk["group"].AsString() != names.group || gvk["version"].AsString() != names.version ||
          gvk["kind"].AsString() != names.kind || url.find("}/", url.rfind('/')) != std::string::npos) {
        continue;
      }
      const std::string plural = url.substr(url.rfind('/') + 1);
      if (plural.empty() || plural.find('{') != std::string::npos) continue;
      if (operations["post"]["x-kubernetes-action"].AsString() != "post") continue;
      names.plural = plural;
      names.namespaced = url.find("/namespaces/{namespace}/") != std::string::npos;
      if (names.namespaced) break;
    }
    if (names.plural.empty()) names.plural = ToLower(names.kind) + "s";
    CAPSTAN_RETURN_IF_ERROR(reader.ReadKind(*found, names, where));
  }
  return std::move(reader.model());
}

}  // namespace capstan::generate
