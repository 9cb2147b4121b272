// Kubernetes' messages for a body that does not decode into a built-in kind.
#include <cmath>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/quantity.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/builtin.hpp>
#include <capstan/local/apiserver/schema/format.hpp>
#include <capstan/local/apiserver/schema/micro_time.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {
namespace {

std::string LastPart(const std::string& name) { return name.substr(name.rfind('.') + 1); }

// The name of a schema's Go type in the messages of its decoder.
std::string GoType(const SchemaNode& node) {
  if (!node.definition.empty()) {
    const std::string prefix = node.definition.substr(0, node.definition.rfind('.'));
    return LastPart(prefix) + "." + LastPart(node.definition);
  }
  if (node.type == "array") return "[]" + (node.items ? GoType(*node.items) : "interface {}");
  if (node.additional) return "map[string]" + GoType(*node.additional);
  if (node.type == "integer") return node.format;
  if (node.type == "boolean") return "bool";
  if (node.type == "number") return "float64";
  if (node.format == "byte") return "[]uint8";
  return node.type == "object" ? "map[string]interface {}" : "string";
}

std::string GoWord(const json::Tree& value) {
  const ValueKind kind = KindOf(value);
  if (kind == ValueKind::kBoolean) return "bool";
  if (kind == ValueKind::kInteger) return "number";
  if (kind == ValueKind::kDouble) return "number";
  return std::string(KindName(kind));
}

std::string Mistyped(const SchemaNode& node, const json::Tree& value, const std::string& owner,
                     const std::string& path) {
  std::string word = GoWord(value);
  if (word == "number" && node.type == "integer") word += " " + json::ToText(value);
  return StrCat("json: cannot unmarshal ", word, " into Go struct field ", owner, ".", path, " of type ",
                GoType(node));
}

std::string Mismatch(const SchemaNode& node, const json::Tree& value, const std::string& owner,
                     const std::string& path);

// Go parses a time by a layout, and reports the part of it that does not match.
std::string TimeMismatch(const SchemaNode& node, const std::string& text) {
  const bool micro = node.format == kMicroTimeFormat;
  const auto says = [&](std::string_view rest, std::string_view part) {
    return StrCat("parsing time \"", text, "\" as \"2006-01-02T15:04:05", micro ? ".000000" : "",
                  "Z07:00\": cannot parse \"", rest, "\" as \"", part, "\"");
  };
  if (!HasFormat("date-time", text)) return says(text, "2006");
  if (!micro) return "";
  // The length before the decimal point, and that of the point with six decimals.
  constexpr std::size_t kSeconds = 19, kDecimals = 7;
  const std::string rest = text.substr(kSeconds);
  const std::size_t end = rest.front() == '.' ? rest.find_first_not_of("0123456789", 1) : 0;
  if (end < kDecimals) return says(rest, ".000000");
  return end > kDecimals ? says(rest.substr(kDecimals), "Z07:00") : "";
}

std::string TextMismatch(const SchemaNode& node, const json::Tree& value, const std::string& owner,
                         const std::string& path) {
  const ValueKind kind = KindOf(value);
  const bool number = kind == ValueKind::kInteger || kind == ValueKind::kDouble;
  if ((node.format == "quantity" || node.format == "int-or-string") && number) return "";
  if (kind != ValueKind::kString) return Mistyped(node, value, owner, path);
  const std::string& text = TextOf(value);
  if (node.format == "quantity" && !IsQuantity(text))
    return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  if (node.format == "date-time" || node.format == kMicroTimeFormat) {
    if (std::string why = TimeMismatch(node, text); !why.empty()) return why;
  }
  if (node.format == "byte" && !text.empty() && !HasFormat("byte", text)) {
    const std::size_t bad =
        text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    return StrCat("illegal base64 data at input byte ", bad == std::string::npos ? text.size() : bad);
  }
  return "";
}

bool FitsInteger(const SchemaNode& node, const json::Tree& value) {
  const ValueKind kind = KindOf(value);
  if (kind != ValueKind::kInteger && kind != ValueKind::kDouble) return false;
  const double number = NumberOf(value);
  if (std::trunc(number) != number) return false;
  const double most = node.format == "int32" ? 2147483648.0 : 9223372036854775808.0;  // 2^31, 2^63
  return number >= -most &&
         (number < most || (kind == ValueKind::kInteger && value.isSigned() && node.format != "int32"));
}

std::string ObjectMismatch(const SchemaNode& node, const json::Tree& value, const std::string& owner,
                           const std::string& path) {
  const auto* object = ObjectOf(value);
  if (!object && node.preserve_unknown_fields && node.properties.empty()) return "";
  if (!object) return Mistyped(node, value, owner, path);
  const std::string inner = node.definition.empty() ? owner : LastPart(node.definition);
  for (const auto& [name, item] : *object) {
    const auto found = node.properties.find(name);
    std::string problem;
    if (found != node.properties.end()) {
      problem = Mismatch(*found->second, item, inner, FieldPath(path, name));
    } else if (node.additional) {
      problem = Mismatch(*node.additional, item, inner, path);
    }
    if (!problem.empty()) return problem;
  }
  return "";
}

// The first mismatch, or "". Null is accepted everywhere.
std::string Mismatch(const SchemaNode& node, const json::Tree& value, const std::string& owner,
                     const std::string& path) {
  const ValueKind kind = KindOf(value);
  if (kind == ValueKind::kNull || node.type.empty()) return "";
  if (node.type == "object") return ObjectMismatch(node, value, owner, path);
  if (node.type == "string") return TextMismatch(node, value, owner, path);
  bool fits = true;
  if (node.type == "array") {
    const auto* array = ArrayOf(value);
    if (!array) return Mistyped(node, value, owner, path);
    for (const auto& item : *array) {
      std::string problem = node.items ? Mismatch(*node.items, item, owner, path) : "";
      if (!problem.empty()) return problem;
    }
  } else if (node.type == "integer") {
    fits = FitsInteger(node, value);
  } else if (node.type == "boolean") {
    fits = kind == ValueKind::kBoolean;
  } else {
    fits = kind == ValueKind::kInteger || kind == ValueKind::kDouble;
  }
  return fits ? "" : Mistyped(node, value, owner, path);
}

}  // namespace

std::string BuiltinSchemas::TypeMismatch(std::string_view group, std::string_view version,
                                         std::string_view kind, const json::ObjectPtr& object) const {
  const CompiledSchema* schema = Find(group, version, kind);
  return schema ? Mismatch(schema->root(), object, std::string(kind), "") : "";
}

}  // namespace capstan::apiserver
