#include <capstan/sdk/generate/short_schema.hpp>

#include <charconv>
#include <optional>
#include <string>

#include <capstan/core/base/text.hpp>

namespace capstan::generate {
namespace {

constexpr int kDeepestShort = 32;

tl::unexpected<Error> BadText(const std::string& path, const std::string& what) {
  return Fail(Code::kInvalidArgument, StrCat(path, ": ", what));
}

struct Property {
  Json schema;
  bool required = false;
};

// The parts of `TYPE (BOUNDS) ! = DEFAULT -- DESCRIPTION`, each trimmed.
struct TypeText {
  std::string type;
  std::optional<std::string> bounds;
  std::optional<std::string> initial;
  std::string description;
  bool required = false;
  bool immutable = false;
};

Result<TypeText> Take(const std::string& text, const std::string& path) {
  TypeText parts;
  std::string rest = text;
  if (const auto at = rest.find(" -- "); at != std::string::npos) {
    parts.description = Trim(std::string_view(rest).substr(at + 4));
    rest.resize(at);
  }
  // A pattern can contain any of the characters that are significant after it.
  const auto open = rest.find('(');
  std::string tail = rest;
  if (open != std::string::npos) {
    const bool pattern = rest.compare(open, 2, "(/") == 0;
    const auto close = pattern ? rest.rfind("/)") : rest.find(')', open);
    if (close == std::string::npos) return BadText(path, "the bounds have no closing parenthesis");
    const std::size_t end = close + (pattern ? 1 : 0);
    parts.bounds = rest.substr(open + 1, end - open - 1);
    tail = rest.substr(0, open) + rest.substr(end + 1);
  }
  if (const auto at = tail.find('='); at != std::string::npos) {
    parts.initial = std::string(Trim(std::string_view(tail).substr(at + 1)));
    tail.resize(at);
  }
  std::string_view type = Trim(tail);
  const auto ends = [&](std::string_view word) {
    if (!type.ends_with(word)) return false;
    type = Trim(type.substr(0, type.size() - word.size()));
    return true;
  };
  for (bool again = true; again;) {
    again = false;
    if (ends("!")) parts.required = again = true;
    if (ends(" immutable")) parts.immutable = again = true;
  }
  parts.type = type;
  return parts;
}

Result<double> Number(std::string_view text, const std::string& path) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return BadText(path, StrCat("\"", Shorten(text, 40), "\" is no number"));
  }
  return number;
}

Json NumberJson(double number) {
  return number == static_cast<double>(static_cast<std::int64_t>(number))
             ? Json(static_cast<std::int64_t>(number))
             : Json(number);
}

Status AddBounds(const std::string& bounds, bool text, Json& schema, const std::string& path) {
  if (bounds.size() >= 2 && bounds.front() == '/' && bounds.back() == '/') {
    if (!text) return BadText(path, "only a string has a pattern");
    schema.Set("pattern", bounds.substr(1, bounds.size() - 2));
    return {};
  }
  const auto dots = bounds.find("..");
  if (dots == std::string::npos)
    return BadText(path, "bounds are MIN..MAX, either of them optional, or /PATTERN/");
  const std::string_view least = Trim(std::string_view(bounds).substr(0, dots)),
                         most = Trim(std::string_view(bounds).substr(dots + 2));
  if (!least.empty()) {
    CAPSTAN_TRY(const double number, Number(least, path));
    schema.Set(text ? "minLength" : "minimum", NumberJson(number));
  }
  if (!most.empty()) {
    CAPSTAN_TRY(const double number, Number(most, path));
    schema.Set(text ? "maxLength" : "maximum", NumberJson(number));
  }
  return {};
}

Json Conditions() {
  Json properties;
  properties.Set("type", Json().Set("type", "string").Set("maxLength", 316))
      .Set("status", Json().Set("type", "string").Set("enum", Json(Json::Array{"True", "False", "Unknown"})))
      .Set("observedGeneration", Json().Set("type", "integer").Set("format", "int64").Set("minimum", 0))
      .Set("lastTransitionTime", Json().Set("type", "string").Set("format", "date-time"))
      .Set("reason", Json().Set("type", "string").Set("minLength", 1).Set("maxLength", 1024))
      .Set("message", Json().Set("type", "string").Set("maxLength", 32768));
  const Json item =
      Json()
          .Set("type", "object")
          .Set("required", Json(Json::Array{"type", "status", "lastTransitionTime", "reason", "message"}))
          .Set("properties", properties);
  return Json()
      .Set("type", "array")
      .Set("x-kubernetes-list-type", "map")
      .Set("x-kubernetes-list-map-keys", Json(Json::Array{"type"}))
      .Set("items", item);
}

// The schema of a named type; null if there is no such type.
Json Named(const std::string& type) {
  if (type == "string" || type == "number" || type == "boolean") return Json().Set("type", type);
  if (type == "integer") return Json().Set("type", "integer").Set("format", "int64");
  if (type == "int32") return Json().Set("type", "integer").Set("format", "int32");
  if (type == "time") return Json().Set("type", "string").Set("format", "date-time");
  if (type == "int-or-string")
    return Json()
        .Set("x-kubernetes-int-or-string", true)
        .Set("anyOf", Json(Json::Array{Json().Set("type", "integer"), Json().Set("type", "string")}));
  if (type == "quantity") {
    Json schema = Named("int-or-string");
    return schema.Set(
        "pattern",
        R"(^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$)");
  }
  if (type == "object") return Json().Set("type", "object").Set("x-kubernetes-preserve-unknown-fields", true);
  if (type == "conditions") return Conditions();
  return Json();
}

Result<Json> Initial(const Json& schema, const std::string& text, const std::string& path) {
  const std::string type = schema["type"].AsString();
  if (type == "boolean") {
    if (text == "true" || text == "false") return Json(text == "true");
    return BadText(path, "the default of a boolean is true or false");
  }
  if (type == "integer" || type == "number") {
    CAPSTAN_TRY(const double number, Number(text, path));
    return NumberJson(number);
  }
  if (type == "string" || type.empty()) {
    const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    return Json(quoted ? text.substr(1, text.size() - 2) : text);
  }
  return BadText(path, StrCat("a default cannot be written for the type ", type));
}

Result<Property> ReadProperty(const Json& json, const std::string& path, int depth);

Result<Property> ReadText(const std::string& text, const std::string& path) {
  CAPSTAN_TRY(const TypeText parts, Take(text, path));
  Property property;
  property.required = parts.required;
  if (parts.type.find('|') != std::string::npos) {
    Json values = Json::EmptyArray();
    for (const std::string& value : Split(parts.type, '|')) values.Append(Json(Trim(value)));
    property.schema = Json().Set("type", "string").Set("enum", values);
  } else {
    property.schema = Named(parts.type);
    if (property.schema.is_null()) {
      return BadText(
          path, StrCat("\"", Shorten(parts.type, 40),
                       "\" is no type; known are string, integer, int32, number, boolean, time, quantity, "
                       "int-or-string, object, conditions, and values with | between"));
    }
  }
  const std::string type = property.schema["type"].AsString();
  if (parts.bounds) {
    if (type != "string" && type != "integer" && type != "number")
      return BadText(path, "only strings and numbers have bounds");
    CAPSTAN_RETURN_IF_ERROR(AddBounds(*parts.bounds, type == "string", property.schema, path));
  }
  if (parts.initial) {
    CAPSTAN_TRY(Json initial, Initial(property.schema, *parts.initial, path));
    property.schema.Set("default", std::move(initial));
  }
  if (parts.immutable) {
    property.schema.Set(
        "x-kubernetes-validations",
        Json(Json::Array{Json().Set("rule", "self == oldSelf").Set("message", "is immutable")}));
  }
  if (!parts.description.empty()) property.schema.Set("description", parts.description);
  return property;
}

Result<Json> ReadObject(const Json& json, const std::string& path, int depth) {
  const Json::Object& fields = json.fields();
  if (fields.size() == 1 && fields[0].first == "*") {
    CAPSTAN_TRY(Property value, ReadProperty(fields[0].second, path + ".*", depth + 1));
    return Json().Set("type", "object").Set("additionalProperties", std::move(value.schema));
  }
  Json properties = Json::EmptyObject(), required = Json::EmptyArray();
  for (const auto& [name, field] : fields) {
    CAPSTAN_TRY(Property property, ReadProperty(field, StrCat(path, ".", name), depth + 1));
    if (property.required) required.Append(name);
    properties.Set(name, std::move(property.schema));
  }
  Json schema = Json().Set("type", "object");
  if (!required.items().empty()) schema.Set("required", std::move(required));
  if (!fields.empty()) schema.Set("properties", std::move(properties));
  return schema;
}

Result<Property> ReadProperty(const Json& json, const std::string& path, int depth) {
  if (depth > kDeepestShort)
    return Fail(Code::kTooLarge, StrCat(path, ": nests deeper than ", kDeepestShort, " levels"));
  if (json.is_string()) return ReadText(json.AsString(), path);
  Property property;
  if (json.is_object()) {
    CAPSTAN_TRY(property.schema, ReadObject(json, path, depth));
    return property;
  }
  if (json.is_array() && json.items().size() == 1) {
    CAPSTAN_TRY(Property item, ReadProperty(json.items()[0], path + "[]", depth + 1));
    property.required = item.required && json.items()[0].is_string();
    property.schema = Json().Set("type", "array").Set("items", std::move(item.schema));
    return property;
  }
  return BadText(path, "is neither a type, nor a mapping, nor a list of one element");
}

Result<std::string> TextOf(const Json& json, std::string_view name) {
  const std::string text = json[name].AsString();
  if (text.empty()) return BadText(std::string(name), "is missing, or no text");
  return text;
}

// Checks the top level of the file; unknown fields are mistakes.
Status CheckTop(const Json& json) {
  constexpr std::string_view kKnown[] = {"kind",       "group",      "version", "plural", "singular", "scope",
                                         "shortNames", "categories", "columns", "spec",   "status"};
  if (!json.is_object()) return BadText("the file", "is no mapping");
  for (const auto& [name, field] : json.fields()) {
    bool known = false;
    for (const std::string_view one : kKnown) known = known || one == name;
    if (!known)
      return BadText(
          name,
          "is not known here; known are kind, group, version, plural, singular, scope, shortNames, "
          "categories, columns, spec and status");
  }
  const std::string scope = json["scope"].AsString("Namespaced");
  if (scope != "Namespaced" && scope != "Cluster") return BadText("scope", "must be Namespaced or Cluster");
  return {};
}

// The type of a printer column, from the schema of the field at a path such as
// .status.readyReplicas.
std::string ColumnType(const Json& properties, const std::string& path) {
  const Json* at = nullptr;
  for (const std::string& name : Split(path, '.')) {
    if (name.empty()) continue;
    at = &(at == nullptr ? properties : (*at)["properties"])[name];
  }
  const std::string type = at == nullptr ? "" : (*at)["type"].AsString();
  if (type == "string" && (*at)["format"].AsString() == "date-time") return "date";
  return type == "integer" || type == "number" || type == "boolean" ? type : "string";
}

Json Columns(const Json& json, const Json& properties, bool conditions) {
  Json columns = Json::EmptyArray();
  const auto add = [&](const std::string& name, const std::string& type, const std::string& path) {
    columns.Append(Json().Set("name", name).Set("type", type).Set("jsonPath", path));
  };
  if (conditions) add("Ready", "string", ".status.conditions[?(@.type=='Ready')].status");
  for (const auto& [name, path] : json.fields())
    add(name, ColumnType(properties, path.AsString()), path.AsString());
  add("Age", "date", ".metadata.creationTimestamp");
  return columns;
}

}  // namespace

Result<Json> CrdOf(const Json& json) {
  CAPSTAN_RETURN_IF_ERROR(CheckTop(json));
  CAPSTAN_TRY(const std::string kind, TextOf(json, "kind"));
  CAPSTAN_TRY(const std::string group, TextOf(json, "group"));
  CAPSTAN_TRY(const std::string version, TextOf(json, "version"));
  if (!IsDnsSubdomain(group)) return BadText("group", "must be a DNS name such as example.dev");
  const std::string plural = json["plural"].AsString(ToLower(kind) + "s");
  Json properties = Json::EmptyObject(), required = Json::EmptyArray();
  const bool conditions = !json["status"]["conditions"].is_null();
  for (const std::string_view part : {"spec", "status"}) {
    if (json[part].is_null()) continue;
    CAPSTAN_TRY(Property property, ReadProperty(json[part], std::string(part), 0));
    if (property.schema["type"].AsString() != "object")
      return BadText(std::string(part), "must be a mapping");
    if (part == "status" && conditions) {
      Json fields = property.schema["properties"];
      fields.Set("observedGeneration", Json().Set("type", "integer").Set("format", "int64"));
      property.schema.Set("properties", std::move(fields));
    }
    if (!property.schema["required"].is_null() && part == "spec") required.Append("spec");
    properties.Set(std::string(part), std::move(property.schema));
  }
  Json schema = Json().Set("type", "object");
  if (!required.items().empty()) schema.Set("required", std::move(required));
  Json columns = Columns(json["columns"], properties, conditions);
  schema.Set("properties", std::move(properties));
  Json names = Json()
                   .Set("kind", kind)
                   .Set("listKind", kind + "List")
                   .Set("plural", plural)
                   .Set("singular", json["singular"].AsString(ToLower(kind)));
  for (const char* list : {"shortNames", "categories"}) {
    if (json[list].is_array()) names.Set(list, json[list]);
  }
  Json served = Json().Set("name", version).Set("served", true).Set("storage", true);
  served.Set("schema", Json().Set("openAPIV3Schema", std::move(schema)));
  if (!json["status"].is_null()) served.Set("subresources", Json().Set("status", Json::EmptyObject()));
  served.Set("additionalPrinterColumns", std::move(columns));
  return Json()
      .Set("apiVersion", "apiextensions.k8s.io/v1")
      .Set("kind", "CustomResourceDefinition")
      .Set("metadata", Json().Set("name", StrCat(plural, ".", group)))
      .Set("spec", Json()
                       .Set("group", group)
                       .Set("scope", json["scope"].AsString("Namespaced"))
                       .Set("names", std::move(names))
                       .Set("versions", Json(Json::Array{std::move(served)})));
}

}  // namespace capstan::generate
