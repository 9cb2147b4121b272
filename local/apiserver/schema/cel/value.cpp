#include <capstan/local/apiserver/schema/cel/value.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/format.hpp>

namespace capstan::apiserver::cel {
namespace {

using Kind = Value::Kind;

// Lists that are sets or maps are equal whatever their order.
bool IsUnordered(const Value& list) {
  return list.node && (list.node->list_type == "set" || list.node->list_type == "map");
}

bool SameLists(const Value& a, const Value& b) {
  const std::size_t size = SizeOf(a);
  if (size != SizeOf(b)) return false;
  const bool unordered = IsUnordered(a) || IsUnordered(b);
  for (std::size_t i = 0; i < size; ++i) {
    if (!unordered) {
      if (!Same(ItemAt(a, i), ItemAt(b, i))) return false;
      continue;
    }
    bool found = false;
    for (std::size_t k = 0; k < size && !found; ++k) found = Same(ItemAt(a, i), ItemAt(b, k));
    if (!found) return false;
  }
  return true;
}

bool SameMaps(const Value& a, const Value& b) {
  if (SizeOf(a) != SizeOf(b)) return false;
  for (const Value& key : KeysOf(a)) {
    const auto other = LookUp(b, key);
    if (!other || !Same(*LookUp(a, key), *other)) return false;
  }
  return true;
}

const SchemaNode* ChildNode(const SchemaNode* node, const std::string& name) {
  if (!node) return nullptr;
  const auto found = node->properties.find(name);
  return found != node->properties.end() ? found->second.get() : node->additional.get();
}

double AsDouble(const Value& value) {
  if (value.kind == Kind::kInt) return static_cast<double>(value.whole);
  return value.kind == Kind::kUint ? static_cast<double>(value.natural) : value.real;
}

struct Escape {
  std::string_view plain;    // what a name has
  std::string_view written;  // how CEL writes it
};
constexpr std::array<Escape, 4> kEscapes = {
    {{"__", "__underscores__"}, {"-", "__dash__"}, {".", "__dot__"}, {"/", "__slash__"}}};

// The name with each of these on one side put as the other side has it, from left to right.
std::string Rewritten(const std::string& name, std::string_view Escape::*from, std::string_view Escape::*to) {
  std::string result;
  for (std::size_t at = 0; at < name.size();) {
    const std::string_view rest = std::string_view(name).substr(at);
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

template <class T>
int Compare(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
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
Value Text(std::string text) {
  Value value;
  value.kind = Kind::kString;
  value.text = std::move(text);
  return value;
}
Value List(std::vector<Value> items) {
  Value value;
  value.kind = Kind::kList;
  value.items = std::make_shared<const std::vector<Value>>(std::move(items));
  return value;
}

Value FromTree(const json::Tree& tree, const SchemaNode* node) {
  switch (KindOf(tree)) {
    case ValueKind::kNull:
      return Null();
    case ValueKind::kBoolean:
      return Bool(BooleanOf(tree));
    case ValueKind::kInteger:
      return node && node->type == "number" ? Double(NumberOf(tree)) : Int(IntegerOf(tree));
    case ValueKind::kDouble:
      return Double(NumberOf(tree));
    case ValueKind::kString: {
      Value value = Text(TextOf(tree));
      if (!node) return value;
      if (node->format == "byte") {
        std::string bytes;
        if (Base64Decode(value.text, bytes)) value.kind = Kind::kBytes, value.text = std::move(bytes);
      } else if (node->format == "date-time" || node->format == "date") {
        const bool day = node->format == "date";
        if (const auto time = ParseTimestamp(day ? value.text + "T00:00:00Z" : value.text))
          value.kind = Kind::kTimestamp, value.whole = *time;
      } else if (node->format == "duration") {
        if (const auto time = ParseDuration(value.text)) value.kind = Kind::kDuration, value.whole = *time;
      }
      return value;
    }
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
  const auto* array = ArrayOf(*value.tree);
  return array ? array->size() : ObjectOf(*value.tree)->size();
}

Value ItemAt(const Value& list, std::size_t index) {
  if (list.items) return (*list.items)[index];
  const auto& array = *ArrayOf(*list.tree);
  return FromTree(*(array.begin() + static_cast<std::ptrdiff_t>(index)),
                  list.node ? list.node->items.get() : nullptr);
}

std::optional<Value> LookUp(const Value& map, const Value& key) {
  if (map.fields) {
    for (const auto& [name, value] : *map.fields) {
      if (Same(name, key)) return value;
    }
    return std::nullopt;
  }
  if (!map.tree || key.kind != Kind::kString) return std::nullopt;
  const auto* value = Find(*map.tree, key.text);
  if (!value) return std::nullopt;
  return FromTree(*value, ChildNode(map.node, key.text));
}

std::optional<Value> FieldOf(const Value& map, const std::string& name) {
  const bool declared = map.node && !map.node->properties.empty();
  if (!declared) return LookUp(map, Text(name));
  auto field = LookUp(map, Text(UnescapeName(name)));
  // A declared field that is null is as good as absent.
  if (field && field->kind == Kind::kNull) field.reset();
  return field;
}

std::vector<Value> KeysOf(const Value& map) {
  std::vector<Value> keys;
  if (map.fields) {
    for (const auto& field : *map.fields) keys.push_back(field.first);
  } else if (map.tree) {
    for (const auto& [name, value] : *ObjectOf(*map.tree)) keys.push_back(Text(name));
  }
  return keys;
}

bool Same(const Value& a, const Value& b) {
  if (a.IsNumber() && b.IsNumber()) return Order(a, b) == 0;
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return a.truth == b.truth;
    case Kind::kString:
    case Kind::kBytes:
      return a.text == b.text;
    case Kind::kList:
      return SameLists(a, b);
    case Kind::kMap:
      return SameMaps(a, b);
    default:
      return a.whole == b.whole;
  }
}

std::optional<int> Order(const Value& a, const Value& b) {
  if (a.kind == Kind::kInt && b.kind == Kind::kInt) return Compare(a.whole, b.whole);
  if (a.kind == Kind::kUint && b.kind == Kind::kUint) return Compare(a.natural, b.natural);
  if (a.IsNumber() && b.IsNumber()) {
    if (std::isnan(AsDouble(a)) || std::isnan(AsDouble(b))) return std::nullopt;
    return Compare(AsDouble(a), AsDouble(b));
  }
  if (a.kind != b.kind) return std::nullopt;
  if (a.kind == Kind::kBool) return Compare(a.truth, b.truth);
  if (a.kind == Kind::kString || a.kind == Kind::kBytes) return Compare(a.text, b.text);
  if (a.kind == Kind::kTimestamp || a.kind == Kind::kDuration) return Compare(a.whole, b.whole);
  return std::nullopt;
}

std::string UnescapeName(const std::string& name) {
  if (name.size() > 4 && name.rfind("__", 0) == 0 && name.compare(name.size() - 2, 2, "__") == 0) {
    std::string inner = name.substr(2, name.size() - 4);
    if (IsKeyword(inner)) return inner;
  }
  return Rewritten(name, &Escape::written, &Escape::plain);
}

bool IsNameOf(const std::string& written, const std::string& name) {
  // Keywords may stand unescaped, where the grammar lets them.
  if (IsKeyword(name)) return written == name || written == "__" + name + "__";
  return written == Rewritten(name, &Escape::plain, &Escape::written);
}

std::optional<std::int64_t> ParseTimestamp(const std::string& text) {
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
  if (year > 2261 || year < 1678) return std::nullopt;  // what nanoseconds in int64 reach
  return (static_cast<std::int64_t>(timegm(&when)) - shift) * 1'000'000'000 + std::llround(seconds * 1e9);
}

std::optional<std::int64_t> ParseDuration(const std::string& text) {
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
