#include <algorithm>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/local/digitalocean/contract/schema_check.hpp>
#include <cmath>
#include <regex>

namespace capstan::simulated_digitalocean {
namespace {

class SchemaChecker {
 public:
  SchemaChecker(const json::ObjectPtr& document, const SchemaLeniency& leniency,
                std::vector<std::string>& violations)
      : document_(document), leniency_(leniency), violations_(violations) {}

  void Check(const json::ObjectPtr& given, const json::Tree& value, const std::string& where, bool top) {
    const json::ObjectPtr schema = Resolve(document_, given);
    if (!schema) return Say(where, "has a schema with a dangling $ref");
    if (json::IsNull(value)) {
      const bool typed = json::StringIn(schema, "type").has_value();
      if (typed && !json::BooleanIn(schema, "nullable").value_or(false) && !leniency_.null_means_absent)
        Say(where, "is null");
      return;
    }
    CheckCombined(schema, value, where, top);
    if (!CheckType(schema, value, where)) return;
    if (json::ObjectPtr object = json::AsObject(value)) CheckObject(schema, object, where, top);
    if (json::ArrayPtr array = json::AsArray(value)) {
      json::ObjectPtr items = json::ObjectIn(schema, "items");
      for (unsigned i = 0; items && i < array->size(); ++i)
        Check(items, array->get(i), StrCat(where, "/", i), false);
    }
    if (value.isString()) CheckText(schema, value.extract<std::string>(), where);
    if (value.isNumeric() && !value.isBoolean()) CheckNumber(schema, value.convert<double>(), where);
    CheckEnum(schema, value, where);
  }

 private:
  void Say(const std::string& where, const std::string& what) {
    violations_.push_back(StrCat(where.empty() ? "/" : where, " ", what));
  }

  void CheckCombined(const json::ObjectPtr& schema, const json::Tree& value, const std::string& where,
                     bool top) {
    if (json::ArrayPtr all = json::ArrayIn(schema, "allOf"))
      for (unsigned i = 0; i < all->size(); ++i)
        if (json::ObjectPtr part = json::AsObject(all->get(i))) Check(part, value, where, top);
    for (const char* keyword : {"anyOf", "oneOf"}) {
      json::ArrayPtr any = json::ArrayIn(schema, keyword);
      if (!any) continue;
      bool fits = any->size() == 0;
      for (unsigned i = 0; i < any->size() && !fits; ++i) {
        std::vector<std::string> tried;
        SchemaChecker part(document_, leniency_, tried);
        if (json::ObjectPtr one = json::AsObject(any->get(i))) part.Check(one, value, where, top);
        fits = tried.empty();
      }
      if (!fits) Say(where, StrCat("matches no alternative of ", keyword));
    }
  }

  bool CheckType(const json::ObjectPtr& schema, const json::Tree& value, const std::string& where) {
    const std::string type = json::StringIn(schema, "type").value_or("");
    const bool number = value.isNumeric() && !value.isBoolean();
    bool fits = true;
    if (type == "object") fits = !json::AsObject(value).isNull();
    if (type == "array") fits = !json::AsArray(value).isNull();
    if (type == "string") fits = value.isString();
    if (type == "boolean") fits = value.isBoolean();
    if (type == "number") fits = number;
    if (type == "integer") fits = number && value.isInteger();
    if (!fits) Say(where, StrCat("is not of type ", type));
    return fits;
  }

  void CheckObject(const json::ObjectPtr& schema, const json::ObjectPtr& object, const std::string& where,
                   bool top) {
    json::ArrayPtr required = json::ArrayIn(schema, "required");
    for (unsigned i = 0; required && i < required->size(); ++i) {
      const std::string name = required->get(i).toString();
      if (!object->has(name) && !(top && leniency_.required_may_miss)) Say(where, StrCat("lacks ", name));
    }
    json::ObjectPtr properties = json::ObjectIn(schema, "properties");
    const bool closed = json::BooleanIn(schema, "additionalProperties") == false;
    for (const auto& [name, value] : *object) {
      json::ObjectPtr property = properties ? json::ObjectIn(properties, name) : nullptr;
      if (property)
        Check(property, value, StrCat(where, "/", name), false);
      else if (closed)
        Say(where, StrCat("has ", name, ", which the schema does not define"));
    }
  }

  void CheckText(const json::ObjectPtr& schema, const std::string& text, const std::string& where) {
    static const std::regex kUuid("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    static const std::regex kUri("[a-zA-Z][a-zA-Z0-9+.-]*:.+");
    const std::string format = json::StringIn(schema, "format").value_or("");
    std::string decoded;
    bool fits = true;
    if (format == "uuid") fits = std::regex_match(text, kUuid);
    if (format == "date-time") fits = ParseRfc3339(text).has_value();
    if (format == "uri") fits = std::regex_match(text, kUri);
    if (format == "email") fits = text.find('@') != std::string::npos;
    if (format == "byte") fits = Base64Decode(text, decoded);
    if (!fits) Say(where, StrCat("is not of format ", format, ": ", Shorten(text, 60)));
    if (auto pattern = json::StringIn(schema, "pattern");
        pattern && !std::regex_search(text, std::regex(*pattern)))
      Say(where, StrCat("does not match ", *pattern, ": ", Shorten(text, 60)));
    if (auto longest = json::IntegerIn(schema, "maxLength");
        longest && text.size() > static_cast<std::size_t>(*longest))
      Say(where, StrCat("is longer than ", *longest));
  }

  void CheckNumber(const json::ObjectPtr& schema, double number, const std::string& where) {
    if (auto least = json::NumberIn(schema, "minimum"); least && number < *least)
      Say(where, StrCat("is below ", *least));
    if (auto most = json::NumberIn(schema, "maximum"); most && number > *most)
      Say(where, StrCat("is above ", *most));
    if (auto step = json::NumberIn(schema, "multipleOf"); step && std::fmod(number, *step) != 0)
      Say(where, StrCat("is not a multiple of ", *step));
  }

  void CheckEnum(const json::ObjectPtr& schema, const json::Tree& value, const std::string& where) {
    json::ArrayPtr allowed = json::ArrayIn(schema, "enum");
    if (!allowed) return;
    for (unsigned i = 0; i < allowed->size(); ++i)
      if (json::Equal(allowed->get(i), value)) return;
    Say(where, StrCat("is not one of the allowed values: ", Shorten(json::ToText(value), 60)));
  }

  const json::ObjectPtr& document_;
  const SchemaLeniency& leniency_;
  std::vector<std::string>& violations_;
};

}  // namespace

json::ObjectPtr Resolve(const json::ObjectPtr& document, json::ObjectPtr object) {
  for (int steps = 0; object && steps < 32; ++steps) {
    const auto reference = json::StringIn(object, "$ref");
    if (!reference) return object;
    if (reference->rfind("#/", 0) != 0) return nullptr;
    object = document;
    for (std::string part : Split(reference->substr(2), '/')) {
      for (const auto& [escape, plain] : {std::pair{"~1", "/"}, std::pair{"~0", "~"}})
        for (std::size_t at; (at = part.find(escape)) != std::string::npos;) part.replace(at, 2, plain);
      object = object ? json::ObjectIn(object, part) : nullptr;
    }
  }
  return nullptr;
}

void CheckSchema(const json::ObjectPtr& document, const json::ObjectPtr& schema, const json::Tree& value,
                 const std::string& where, const SchemaLeniency& leniency,
                 std::vector<std::string>& violations) {
  SchemaChecker(document, leniency, violations).Check(schema, value, where, true);
}

}  // namespace capstan::simulated_digitalocean
