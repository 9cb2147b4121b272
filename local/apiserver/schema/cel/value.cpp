#include <capstan/local/apiserver/schema/cel/value.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/cel/kinds.hpp>
#include <capstan/local/apiserver/schema/format.hpp>

namespace capstan::apiserver::cel {
namespace {

// Lists that are sets or maps are equal regardless of order.
bool IsUnordered(const Value& list) {
  return list.node && (list.node->list_type == "set" || list.node->list_type == "map");
}

Result<std::vector<std::string>> SortedKeyTexts(const Value& list, Meter& meter) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < SizeOf(list); ++i) {
    CAPSTAN_TRY(const Value item, ItemAt(list, i, meter));
    CAPSTAN_TRY(std::string text, KeyText(item, meter));
    texts.push_back(std::move(text));
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

Result<bool> SameLists(const Value& a, const Value& b, Meter& meter) {
  const std::size_t size = SizeOf(a);
  if (size != SizeOf(b)) return false;
  if (IsUnordered(a) || IsUnordered(b)) {
    CAPSTAN_TRY(const auto left, SortedKeyTexts(a, meter));
    CAPSTAN_TRY(const auto right, SortedKeyTexts(b, meter));
    return left == right;
  }
  for (std::size_t i = 0; i < size; ++i) {
    CAPSTAN_TRY(const Value left, ItemAt(a, i, meter));
    CAPSTAN_TRY(const Value right, ItemAt(b, i, meter));
    CAPSTAN_TRY(const bool same, Same(left, right, meter));
    if (!same) return false;
  }
  return true;
}

Result<bool> SameMaps(const Value& a, const Value& b, Meter& meter) {
  if (SizeOf(a) != SizeOf(b)) return false;
  CAPSTAN_TRY(const std::vector<Value> keys, KeysOf(a, meter));
  for (const Value& key : keys) {
    CAPSTAN_TRY(const auto other, LookUp(b, key, meter));
    if (!other) return false;
    CAPSTAN_TRY(const auto mine, LookUp(a, key, meter));
    CAPSTAN_TRY(const bool same, Same(*mine, *other, meter));
    if (!same) return false;
  }
  return true;
}

const SchemaNode* ChildNode(const SchemaNode* node, std::string_view name) {
  if (!node) return nullptr;
  const auto found = node->properties.find(name);
  return found != node->properties.end() ? found->second.get() : node->additional.get();
}

double AsDouble(const Value& value) {
  if (value.kind == Kind::kInt) return static_cast<double>(value.whole);
  return value.kind == Kind::kUint ? static_cast<double>(value.natural) : value.real;
}

struct Escape {
  std::string_view plain;    // in the name
  std::string_view written;  // as CEL spells it
};
constexpr std::array<Escape, 4> kEscapes = {
    {{"__", "__underscores__"}, {"-", "__dash__"}, {".", "__dot__"}, {"/", "__slash__"}}};

// Replaces every escape's `from` by its `to`, from left to right.
std::string Rewritten(std::string_view name, std::string_view Escape::*from, std::string_view Escape::*to) {
  std::string result;
  for (std::size_t at = 0; at < name.size();) {
    const std::string_view rest = name.substr(at);
    const auto* escape = std::find_if(kEscapes.begin(), kEscapes.end(), [&](const Escape& known) {
      return rest.substr(0, (known.*from).size()) == known.*from;
    });
    if (escape == kEscapes.end()) {
      result += name[at++];
      continue;
    }
    result += escape->*to;
    at += (escape->*from).size();
  }
  return result;
}

bool IsKeyword(std::string_view name) {
  constexpr std::array<std::string_view, 21> kKeywords = {
      "true",     "false",   "null",      "in",       "as",  "break",  "const",
      "continue", "else",    "for",       "function", "if",  "import", "let",
      "loop",     "package", "namespace", "return",   "var", "void",   "while"};
  return std::find(kKeywords.begin(), kKeywords.end(), name) != kKeywords.end();
}

}  // namespace

Value Null() { return {}; }
Value Bool(bool truth) {
  Value value;
  value.kind = Kind::kBool;
  value.truth = truth;
  return value;
}
Value Int(std::int64_t whole) {
  Value value;
  value.kind = Kind::kInt;
  value.whole = whole;
  return value;
}
Value Uint(std::uint64_t natural) {
  Value value;
  value.kind = Kind::kUint;
  value.natural = natural;
  return value;
}
Value Double(double real) {
  Value value;
  value.kind = Kind::kDouble;
  value.real = real;
  return value;
}
Value Text(std::string text) { return TextOfKind(Kind::kString, std::move(text)); }
Value TextOfKind(Kind kind, std::string text) {
  Value value;
  value.kind = kind;
  value.owner = std::make_shared<const std::string>(std::move(text));
  value.text = *value.owner;
  return value;
}
Value PartOf(const Value& whole, std::string_view part) {
  Value value;
  value.kind = Kind::kString;
  value.owner = whole.owner;
  value.text = part;
  return value;
}
Value List(std::vector<Value> items) {
  Value value;
  value.kind = Kind::kList;
  value.items = std::make_shared<const std::vector<Value>>(std::move(items));
  return value;
}

Value Map(std::vector<std::pair<Value, Value>> fields) {
  Value value;
  value.kind = Kind::kMap;
  value.fields = std::make_shared<const std::vector<std::pair<Value, Value>>>(std::move(fields));
  return value;
}
Value Some(Value value) {
  Value some = List({std::move(value)});
  some.kind = Kind::kOptional;
  return some;
}
Value None() {
  Value none = List({});
  none.kind = Kind::kOptional;
  return none;
}

Result<Value> MakeText(std::string text, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(meter.Take(text.size()));
  return Text(std::move(text));
}
Result<Value> MakeList(std::vector<Value> items, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(meter.Take(items.size() * sizeof(Value)));
  return List(std::move(items));
}

namespace {

// Interprets a string of the object according to its format.
Result<Value> FromText(const std::string& text, const SchemaNode* node, Meter& meter) {
  Value value;
  value.kind = Kind::kString;
  value.text = text;
  if (!node || node->format.empty()) return value;
  const std::string& format = node->format;
  if (format == "byte") {
    CAPSTAN_RETURN_IF_ERROR(meter.ChargeText(text.size()));
    CAPSTAN_RETURN_IF_ERROR(meter.Take(text.size()));
    std::string bytes;
    if (Base64Decode(text, bytes)) return TextOfKind(Kind::kBytes, std::move(bytes));
  } else if (format == "date-time" || format == "date") {
    if (text.size() > 64) return value;
    if (const auto time = ParseTimestamp(format == "date" ? text + "T00:00:00Z" : text))
      value.kind = Kind::kTimestamp, value.whole = *time;
  } else if (format == "duration") {
    CAPSTAN_RETURN_IF_ERROR(meter.ChargeText(text.size()));
    if (const auto time = ParseDuration(text)) value.kind = Kind::kDuration, value.whole = *time;
  }
  return value;
}

}  // namespace

Result<Value> FromTree(const json::Tree& tree, const SchemaNode* node, Meter& meter) {
  switch (KindOf(tree)) {
    case ValueKind::kNull:
      return Null();
    case ValueKind::kBoolean:
      return Bool(BooleanOf(tree));
    case ValueKind::kInteger:
      return node && node->type == "number" ? Double(NumberOf(tree)) : Int(IntegerOf(tree));
    case ValueKind::kDouble:
      return Double(NumberOf(tree));
    case ValueKind::kString:
      return FromText(TextOf(tree), node, meter);
    case ValueKind::kArray:
    case ValueKind::kObject:
      break;
  }
  Value value;
  value.kind = ArrayOf(tree) ? Kind::kList : Kind::kMap;
  value.tree = &tree;
  value.node = node;
  return value;
}

std::size_t SizeOf(const Value& value) {
  if (value.kind == Kind::kString) return CountRunes(value.text);
  if (value.kind == Kind::kBytes) return value.text.size();
  if (value.items) return value.items->size();
  if (value.fields) return value.fields->size();
  if (!value.tree) return 0;
  return value.kind == Kind::kList ? ArrayOf(*value.tree)->size() : ObjectOf(*value.tree)->size();
}

Result<Value> ItemAt(const Value& list, std::size_t index, Meter& meter) {
  if (list.items) return (*list.items)[index];
  const auto& array = *ArrayOf(*list.tree);
  return FromTree(*(array.begin() + static_cast<std::ptrdiff_t>(index)),
                  list.node ? list.node->items.get() : nullptr, meter);
}

Result<std::optional<Value>> LookUp(const Value& map, const Value& key, Meter& meter) {
  if (map.fields) {
    for (const auto& [name, value] : *map.fields) {
      CAPSTAN_TRY(const bool same, Same(name, key, meter));
      if (same) return std::optional<Value>(value);
    }
    return std::optional<Value>();
  }
  if (!map.tree || key.kind != Kind::kString) return std::optional<Value>();
  CAPSTAN_TRY(const json::Tree* value, meter.Find(*ObjectOf(*map.tree), key.text));
  if (!value) return std::optional<Value>();
  CAPSTAN_TRY(Value found, FromTree(*value, ChildNode(map.node, key.text), meter));
  return std::optional<Value>(std::move(found));
}

Result<std::optional<Value>> FieldOf(const Value& map, std::string_view name, Meter& meter) {
  Value key;
  key.kind = Kind::kString;
  key.text = name;
  const bool declared = map.node && !map.node->properties.empty();
  if (!declared) return LookUp(map, key, meter);
  const std::string plain = UnescapeName(name);
  key.text = plain;
  CAPSTAN_TRY(auto field, LookUp(map, key, meter));
  // A declared field that is null counts as absent.
  if (field && field->kind == Kind::kNull) field.reset();
  return field;
}

Result<std::vector<Value>> KeysOf(const Value& map, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(meter.Charge(SizeOf(map) / 10));
  CAPSTAN_RETURN_IF_ERROR(meter.Take(SizeOf(map) * sizeof(Value)));
  std::vector<Value> keys;
  if (map.fields) {
    for (const auto& field : *map.fields) keys.push_back(field.first);
  } else if (map.tree) {
    for (const auto& [name, value] : *ObjectOf(*map.tree)) {
      Value key;
      key.kind = Kind::kString;
      key.text = name;
      keys.push_back(std::move(key));
    }
  }
  return keys;
}

Result<bool> Same(const Value& a, const Value& b, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(meter.ChargeText(std::min(a.text.size(), b.text.size())));
  if (a.IsNumber() && b.IsNumber()) return Order(a, b) == 0;
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return a.truth == b.truth;
    case Kind::kTimestamp:
    case Kind::kDuration:
      return a.whole == b.whole;
    case Kind::kList:
    case Kind::kOptional:
      return SameLists(a, b, meter);
    case Kind::kMap:
      return SameMaps(a, b, meter);
    case Kind::kQuantity:
    case Kind::kSemver:
      return OrderOfKinds(a, b) == 0;
    default:
      return a.text == b.text;
  }
}

namespace {

Status AppendKey(const Value& value, std::string& out, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(meter.ChargeText(value.text.size()));
  CAPSTAN_RETURN_IF_ERROR(meter.Take(value.text.size() + 24));
  out += static_cast<char>('A' + static_cast<int>(value.IsNumber() ? Kind::kInt : value.kind));
  switch (value.kind) {
    case Kind::kNull:
      return {};
    case Kind::kBool:
      out += value.truth ? '1' : '0';
      return {};
    case Kind::kInt:
    case Kind::kTimestamp:
    case Kind::kDuration:
      out += std::to_string(value.whole);
      break;
    case Kind::kUint:
      out += std::to_string(value.natural);
      break;
    case Kind::kDouble:
      out += std::trunc(value.real) == value.real && std::fabs(value.real) < 9.2e18
                 ? std::to_string(static_cast<std::int64_t>(value.real))
                 : NumberText(value.real);
      break;
    case Kind::kList:
    case Kind::kOptional:
      for (std::size_t i = 0; i < SizeOf(value); ++i) {
        CAPSTAN_TRY(const Value item, ItemAt(value, i, meter));
        CAPSTAN_RETURN_IF_ERROR(AppendKey(item, out, meter));
      }
      break;
    case Kind::kMap: {
      CAPSTAN_TRY(const std::vector<Value> keys, KeysOf(value, meter));
      std::vector<std::string> texts;
      for (const Value& key : keys) {
        std::string text;
        CAPSTAN_RETURN_IF_ERROR(AppendKey(key, text, meter));
        CAPSTAN_TRY(const auto field, LookUp(value, key, meter));
        CAPSTAN_RETURN_IF_ERROR(AppendKey(field.value_or(Null()), text, meter));
        texts.push_back(std::move(text));
      }
      std::sort(texts.begin(), texts.end());
      for (const std::string& text : texts) out += text;
      break;
    }
    default:
      out += std::to_string(value.text.size());
      out += ':';
      out += value.text;
  }
  out += ';';
  return {};
}

}  // namespace

Result<std::string> KeyText(const Value& value, Meter& meter) {
  std::string text;
  CAPSTAN_RETURN_IF_ERROR(AppendKey(value, text, meter));
  return text;
}

Result<std::string> IdentityText(const SchemaNode* list, const Value& item, Meter& meter) {
  if (!list || list->list_type != "map" || item.kind != Kind::kMap) return KeyText(item, meter);
  std::string text;
  for (const std::string& name : list->list_map_keys) {
    CAPSTAN_TRY(const auto key, FieldOf(item, name, meter));
    CAPSTAN_RETURN_IF_ERROR(AppendKey(key.value_or(Null()), text, meter));
  }
  return text;
}

std::uint32_t NextRune(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at++);
  const std::size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
  if (more == 0 || at + more > text.size()) return first;
  std::uint32_t rune = first & (0x3FU >> more);
  for (std::size_t i = 0; i < more; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return first;
    rune = rune << 6U | (byte(at + i) & 0x3FU);
  }
  at += more;
  return rune;
}

void AppendRune(std::string& out, std::uint32_t rune) {
  if (rune < 0x80) {
    out += static_cast<char>(rune);
  } else if (rune < 0x800) {
    out += static_cast<char>(0xC0U | rune >> 6U);
    out += static_cast<char>(0x80U | (rune & 0x3FU));
  } else if (rune < 0x10000) {
    out += static_cast<char>(0xE0U | rune >> 12U);
    out += static_cast<char>(0x80U | (rune >> 6U & 0x3FU));
    out += static_cast<char>(0x80U | (rune & 0x3FU));
  } else {
    out += static_cast<char>(0xF0U | rune >> 18U);
    out += static_cast<char>(0x80U | (rune >> 12U & 0x3FU));
    out += static_cast<char>(0x80U | (rune >> 6U & 0x3FU));
    out += static_cast<char>(0x80U | (rune & 0x3FU));
  }
}

std::optional<int> Order(const Value& a, const Value& b) {
  if (a.kind == Kind::kInt && b.kind == Kind::kInt) return ThreeWay(a.whole, b.whole);
  if (a.kind == Kind::kUint && b.kind == Kind::kUint) return ThreeWay(a.natural, b.natural);
  if (a.IsNumber() && b.IsNumber()) {
    if (std::isnan(AsDouble(a)) || std::isnan(AsDouble(b))) return std::nullopt;
    return ThreeWay(AsDouble(a), AsDouble(b));
  }
  if (a.kind != b.kind) return std::nullopt;
  if (a.kind == Kind::kBool) return ThreeWay(a.truth, b.truth);
  if (a.kind == Kind::kString || a.kind == Kind::kBytes) return ThreeWay(a.text, b.text);
  if (a.kind == Kind::kTimestamp || a.kind == Kind::kDuration) return ThreeWay(a.whole, b.whole);
  return std::nullopt;
}

std::string UnescapeName(std::string_view name) {
  if (name.size() > 4 && name.rfind("__", 0) == 0 && name.compare(name.size() - 2, 2, "__") == 0) {
    std::string inner(name.substr(2, name.size() - 4));
    if (IsKeyword(inner)) return inner;
  }
  return Rewritten(name, &Escape::written, &Escape::plain);
}

bool IsNameOf(std::string_view written, const std::string& name) {
  // Keywords can be used without escapes where the grammar allows it.
  if (IsKeyword(name)) return written == name || written == "__" + name + "__";
  return written == Rewritten(name, &Escape::plain, &Escape::written);
}

std::optional<std::int64_t> ParseTimestamp(std::string_view given) {
  const std::string text(given.substr(0, 65));
  if (!HasFormat("date-time", text)) return std::nullopt;
  std::tm when{};
  int year = 0, month = 0;
  double seconds = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%d%*c%d:%d:%lf", &year, &month, &when.tm_mday, &when.tm_hour,
                  &when.tm_min, &seconds) != 6) {
    return std::nullopt;
  }
  when.tm_year = year - 1900;
  when.tm_mon = month - 1;
  std::int64_t shift = 0;
  const std::size_t sign = text.find_first_of("+-", 11);
  int hours = 0, minutes = 0;
  if (sign != std::string::npos && std::sscanf(text.c_str() + sign + 1, "%2d:%2d", &hours, &minutes) == 2) {
    shift = (text[sign] == '-' ? -1 : 1) * (hours * 3600LL + minutes * 60LL);
  }
  if (year > 2261 || year < 1678) return std::nullopt;  // the range of int64 nanoseconds
  return (static_cast<std::int64_t>(timegm(&when)) - shift) * 1'000'000'000 + std::llround(seconds * 1e9);
}

std::optional<std::int64_t> ParseDuration(std::string_view given) {
  const std::string text(given.substr(0, 1025));
  constexpr std::array<std::pair<std::string_view, double>, 7> kUnits = {
      {{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};
  std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const double sign = at == 1 && text[0] == '-' ? -1 : 1;
  if (text.substr(at) == "0") return 0;
  if (at == text.size()) return std::nullopt;
  double total = 0;
  while (at < text.size()) {
    const std::size_t end = text.find_first_not_of("0123456789.", at);
    if (end == at || end == std::string::npos) return std::nullopt;
    double number = 0;
    try {
      number = std::stod(text.substr(at, end - at));
    } catch (const std::exception&) {
      return std::nullopt;
    }
    std::size_t unit_end = text.find_first_of("0123456789.", end);
    if (unit_end == std::string::npos) unit_end = text.size();
    const std::string unit = text.substr(end, unit_end - end);
    const auto* known =
        std::find_if(kUnits.begin(), kUnits.end(), [&unit](const auto& u) { return u.first == unit; });
    if (known == kUnits.end()) return std::nullopt;
    total += number * known->second;
    at = unit_end;
  }
  if (total > 9.2e18) return std::nullopt;
  return static_cast<std::int64_t>(sign * total);
}

}  // namespace capstan::apiserver::cel
