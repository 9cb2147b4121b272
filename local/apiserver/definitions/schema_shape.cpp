#include <capstan/local/apiserver/definitions/schema_shape.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/compiled.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;

enum class Part {
  kText,
  kTextPointer,  // kept even when empty
  kFlag,
  kFlagPointer,
  kNumber,
  kCount,
  kTexts,
  kData,      // of any type
  kDataList,  // of any types
  kSchema,
  kSchemaList,
  kSchemaMap,
  kSchemaOrBool,
  kSchemaOrList,
  kSchemaOrTexts,  // in a map
  kRules,
  kDocs,
};

struct PartOfSchema {
  std::string_view name;
  Part part;
};

constexpr PartOfSchema kParts[] = {
    {"id", Part::kText},
    {"$schema", Part::kText},
    {"$ref", Part::kTextPointer},
    {"description", Part::kText},
    {"type", Part::kText},
    {"format", Part::kText},
    {"title", Part::kText},
    {"default", Part::kData},
    {"maximum", Part::kNumber},
    {"exclusiveMaximum", Part::kFlag},
    {"minimum", Part::kNumber},
    {"exclusiveMinimum", Part::kFlag},
    {"maxLength", Part::kCount},
    {"minLength", Part::kCount},
    {"pattern", Part::kText},
    {"maxItems", Part::kCount},
    {"minItems", Part::kCount},
    {"uniqueItems", Part::kFlag},
    {"multipleOf", Part::kNumber},
    {"enum", Part::kDataList},
    {"maxProperties", Part::kCount},
    {"minProperties", Part::kCount},
    {"required", Part::kTexts},
    {"items", Part::kSchemaOrList},
    {"allOf", Part::kSchemaList},
    {"oneOf", Part::kSchemaList},
    {"anyOf", Part::kSchemaList},
    {"not", Part::kSchema},
    {"properties", Part::kSchemaMap},
    {"additionalProperties", Part::kSchemaOrBool},
    {"patternProperties", Part::kSchemaMap},
    {"dependencies", Part::kSchemaOrTexts},
    {"additionalItems", Part::kSchemaOrBool},
    {"definitions", Part::kSchemaMap},
    {"externalDocs", Part::kDocs},
    {"example", Part::kData},
    {"nullable", Part::kFlag},
    {"x-kubernetes-preserve-unknown-fields", Part::kFlagPointer},
    {"x-kubernetes-embedded-resource", Part::kFlag},
    {"x-kubernetes-int-or-string", Part::kFlag},
    {"x-kubernetes-list-map-keys", Part::kTexts},
    {"x-kubernetes-list-type", Part::kTextPointer},
    {"x-kubernetes-map-type", Part::kTextPointer},
    {"x-kubernetes-validations", Part::kRules},
};

constexpr PartOfSchema kRuleParts[] = {
    {"rule", Part::kTextPointer},  // always written
    {"message", Part::kText},     {"messageExpression", Part::kText},      {"reason", Part::kTextPointer},
    {"fieldPath", Part::kText},   {"optionalOldSelf", Part::kFlagPointer},
};

constexpr PartOfSchema kDocParts[] = {{"description", Part::kText}, {"url", Part::kText}};

template <std::size_t N>
const PartOfSchema* FindPart(const PartOfSchema (&parts)[N], std::string_view name) {
  const auto found = std::find_if(std::begin(parts), std::end(parts),
                                  [&](const PartOfSchema& one) { return one.name == name; });
  return found == std::end(parts) ? nullptr : found;
}

// --- types

std::string Unfit(const json::Tree& value, const char* owner, const std::string& path, const char* type,
                  bool shows_number = false) {
  std::string word(GoName(value));
  if (shows_number && word == "number") word += " " + json::ToText(value);
  return StrCat("json: cannot unmarshal ", word, " into Go struct field ", owner, ".", path, " of type ",
                type);
}

std::string SchemaUnfit(const json::Tree& value, const std::string& path, int depth);

std::string ListUnfit(const json::Tree& value, const std::string& path, Part part, int depth) {
  const auto* list = ArrayOf(value);
  if (!list) {
    return Unfit(value, "JSONSchemaProps", path,
                 part == Part::kTexts      ? "[]string"
                 : part == Part::kDataList ? "[]v1.JSON"
                 : part == Part::kRules    ? "v1.ValidationRules"
                                           : "[]v1.JSONSchemaProps");
  }
  for (const json::Tree& item : *list) {
    std::string why;
    if (part == Part::kTexts && KindOf(item) != ValueKind::kString && KindOf(item) != ValueKind::kNull)
      why = Unfit(item, "JSONSchemaProps", path, "string");
    if (part == Part::kSchemaList) why = SchemaUnfit(item, path, depth + 1);
    if (!why.empty()) return why;
  }
  return "";
}

std::string MapUnfit(const json::Tree& value, const std::string& path, int depth) {
  const auto* map = ObjectOf(value);
  if (!map) return Unfit(value, "JSONSchemaProps", path, "map[string]v1.JSONSchemaProps");
  for (const auto& [name, item] : *map) {
    if (std::string why = SchemaUnfit(item, path, depth + 1); !why.empty()) return why;
  }
  return "";
}

std::string PartUnfit(Part part, const json::Tree& value, const std::string& path, int depth) {
  const ValueKind kind = KindOf(value);
  if (kind == ValueKind::kNull) return "";
  constexpr const char* kOwner = "JSONSchemaProps";
  switch (part) {
    case Part::kText:
    case Part::kTextPointer:
      return kind == ValueKind::kString ? "" : Unfit(value, kOwner, path, "string");
    case Part::kFlag:
    case Part::kFlagPointer:
      return kind == ValueKind::kBoolean ? "" : Unfit(value, kOwner, path, "bool");
    case Part::kNumber:
      return kind == ValueKind::kInteger || kind == ValueKind::kDouble
                 ? ""
                 : Unfit(value, kOwner, path, "float64");
    case Part::kCount:
      return kind == ValueKind::kInteger ? "" : Unfit(value, kOwner, path, "int64", true);
    case Part::kTexts:
    case Part::kDataList:
    case Part::kSchemaList:
    case Part::kRules:
      return ListUnfit(value, path, part, depth);
    case Part::kSchema:
      return SchemaUnfit(value, path, depth + 1);
    case Part::kSchemaMap:
      return MapUnfit(value, path, depth);
    case Part::kSchemaOrBool:
    case Part::kSchemaOrList:
      return kind == ValueKind::kObject ? SchemaUnfit(value, path, depth + 1) : "";
    case Part::kData:
    case Part::kSchemaOrTexts:
    case Part::kDocs:
      break;
  }
  return "";
}

std::string SchemaUnfit(const json::Tree& value, const std::string& path, int depth) {
  if (KindOf(value) == ValueKind::kNull || depth > kMaxSchemaDepth) return "";
  const auto* schema = ObjectOf(value);
  if (!schema) return Unfit(value, "JSONSchemaProps", path, "v1.JSONSchemaProps");
  for (const auto& [name, part] : *schema) {
    const PartOfSchema* known = FindPart(kParts, name);
    if (!known) continue;
    if (std::string why = PartUnfit(known->part, part, StrCat(path, ".", name), depth); !why.empty())
      return why;
  }
  return "";
}

// --- form

class Shaper final {
 public:
  void Schema(ObjectPtr schema, const std::string& path, int depth);
  std::vector<std::string> Take() && { return std::move(unknown_); }

 private:
  // Whether Go writes the part.
  bool Stays(Part part, const json::Tree& value, const std::string& path, int depth);
  void Below(const json::Tree& value, const std::string& path, int depth) {
    if (const ObjectPtr inner = json::AsObject(value)) Schema(inner, path, depth + 1);
  }
  template <std::size_t N>
  void Fields(ObjectPtr object, const PartOfSchema (&parts)[N], const std::string& path, int depth);

  // Kubernetes does not check for unknown fields below a value of two possible types.
  void BelowQuietly(const json::Tree& value, const std::string& path, int depth) {
    const bool before = std::exchange(quiet_, true);
    Below(value, path, depth);
    quiet_ = before;
  }

  bool quiet_ = false;
  std::vector<std::string> unknown_;
};

template <std::size_t N>
void Shaper::Fields(ObjectPtr object, const PartOfSchema (&parts)[N], const std::string& path, int depth) {
  for (const std::string& name : object->getNames()) {
    const PartOfSchema* known = FindPart(parts, name);
    const std::string at = StrCat(path, ".", name);
    if (!known && !quiet_) unknown_.push_back(at);
    if (!known || !Stays(known->part, object->get(name), at, depth)) object->remove(name);
  }
}

bool Shaper::Stays(Part part, const json::Tree& value, const std::string& path, int depth) {
  if (json::IsNull(value)) return false;
  const json::ArrayPtr list = json::AsArray(value);
  ObjectPtr object = json::AsObject(value);
  switch (part) {
    case Part::kText:
      return KindOf(value) != ValueKind::kString || !TextOf(value).empty();
    case Part::kFlag:
      return KindOf(value) != ValueKind::kBoolean || BooleanOf(value);
    case Part::kTexts:
    case Part::kDataList:
      return !list || list->size() > 0;
    case Part::kRules:
    case Part::kSchemaList:
    case Part::kSchemaOrList: {
      if (part == Part::kSchemaOrList && object) BelowQuietly(value, path, depth);
      for (unsigned i = 0; list && i < list->size(); ++i) {
        const std::string at = StrCat(path, "[", i, "]");
        const ObjectPtr inner = json::AsObject(list->get(i));
        if (inner && part == Part::kRules) Fields(inner, kRuleParts, at, depth);
        if (inner && part != Part::kRules) Schema(inner, at, depth + 1);
      }
      return !list || list->size() > 0;
    }
    case Part::kSchemaOrBool:
      BelowQuietly(value, path, depth);
      return true;
    case Part::kSchema:
      Below(value, path, depth);
      return true;
    case Part::kSchemaMap:
      if (!object) return true;
      for (const std::string& name : object->getNames()) {
        if (object->isNull(name)) object->set(name, json::MakeObject());
        Below(object->get(name), StrCat(path, ".", name), depth);
      }
      return object->size() > 0;
    case Part::kDocs:
      if (object) Fields(object, kDocParts, path, depth);
      return true;
    default:
      return true;
  }
}

void Shaper::Schema(ObjectPtr schema, const std::string& path, int depth) {
  if (depth <= kMaxSchemaDepth) Fields(schema, kParts, path, depth);
}

template <class Use>
void EachSchema(const ObjectPtr& crd, const Use& use) {
  std::size_t index = 0;
  for (const ObjectPtr& version : json::ObjectsIn(json::ObjectIn(crd, "spec"), "versions")) {
    const ObjectPtr validation = json::ObjectIn(version, "schema");
    if (validation && validation->has("openAPIV3Schema")) use(validation->get("openAPIV3Schema"), index);
    ++index;
  }
}

}  // namespace

std::string SchemaMismatch(const ObjectPtr& crd) {
  std::string why;
  EachSchema(crd, [&](const json::Tree& schema, std::size_t) {
    if (why.empty()) why = SchemaUnfit(schema, "spec.versions.schema.openAPIV3Schema", 0);
  });
  return why;
}

std::vector<std::string> ShapeSchemas(const ObjectPtr& crd) {
  Shaper shaper;
  EachSchema(crd, [&](const json::Tree& schema, std::size_t index) {
    if (const ObjectPtr object = json::AsObject(schema))
      shaper.Schema(object, StrCat("spec.versions[", index, "].schema.openAPIV3Schema"), 0);
  });
  return std::move(shaper).Take();
}

}  // namespace capstan::apiserver
