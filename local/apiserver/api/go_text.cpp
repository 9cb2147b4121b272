#include <capstan/local/apiserver/api/go_text.hpp>

#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/local/apiserver/api/value.hpp>

namespace capstan::apiserver {

std::string GoText(const json::Tree& value) {
  std::vector<std::string> parts;
  if (const auto* object = ObjectOf(value)) {
    for (const auto& [name, child] : *object) parts.push_back(StrCat(name, ":", GoText(child)));
    return StrCat("map[", Join(parts, " "), "]");
  }
  if (const auto* array = ArrayOf(value)) {
    for (const auto& item : *array) parts.push_back(GoText(item));
    return StrCat("[", Join(parts, " "), "]");
  }
  const ValueKind kind = KindOf(value);
  if (kind == ValueKind::kNull) return "<nil>";
  return kind == ValueKind::kString ? TextOf(value) : json::ToText(value);
}

std::string GoSyntax(const json::Tree& value) {
  std::vector<std::string> parts;
  if (const auto* object = ObjectOf(value)) {
    for (const auto& [name, child] : *object)
      parts.push_back(StrCat(json::Quote(name), ":", GoSyntax(child)));
    return StrCat(GoTypeName(value), "{", Join(parts, ", "), "}");
  }
  if (const auto* array = ArrayOf(value)) {
    for (const auto& item : *array) parts.push_back(GoSyntax(item));
    return StrCat(GoTypeName(value), "{", Join(parts, ", "), "}");
  }
  return KindOf(value) == ValueKind::kNull ? "interface {}(nil)" : json::ToText(value);
}

std::string_view GoTypeName(const json::Tree& value) {
  switch (KindOf(value)) {
    case ValueKind::kNull:
      return "<nil>";
    case ValueKind::kBoolean:
      return "bool";
    case ValueKind::kInteger:
      return "int64";
    case ValueKind::kDouble:
      return "float64";
    case ValueKind::kString:
      return "string";
    case ValueKind::kArray:
      return "[]interface {}";
    case ValueKind::kObject:
      break;
  }
  return "map[string]interface {}";
}

}  // namespace capstan::apiserver
