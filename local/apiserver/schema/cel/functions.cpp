#include <capstan/local/apiserver/schema/cel/functions.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <functional>
#include <limits>
#include <map>
#include <string_view>
#include <type_traits>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/pattern/pattern.hpp>
#include <capstan/local/apiserver/schema/pattern/syntax.hpp>

namespace capstan::apiserver::cel {
namespace {

using Kind = Value::Kind;
using Arguments = std::vector<Value>;

Failure Bad(std::string what) { return Fail(Code::kInvalidArgument, std::move(what)); }
Failure NoOverload() { return Bad("no such overload"); }
Failure Overflow(Kind kind) {
  return Bad(kind == Kind::kUint ? "unsigned integer overflow" : "integer overflow");
}

Result<Value> Whole(const std::string& name, const Value& a, const Value& b) {
  std::int64_t result = 0;
  bool overflow = false;
  if (name == "_+_") {
    overflow = __builtin_add_overflow(a.whole, b.whole, &result);
  } else if (name == "_-_") {
    overflow = __builtin_sub_overflow(a.whole, b.whole, &result);
  } else if (name == "_*_") {
    overflow = __builtin_mul_overflow(a.whole, b.whole, &result);
  } else {
    if (b.whole == 0) return Bad(name == "_/_" ? "division by zero" : "modulus by zero");
    overflow = a.whole == std::numeric_limits<std::int64_t>::min() && b.whole == -1;
    if (!overflow) result = name == "_/_" ? a.whole / b.whole : a.whole % b.whole;
  }
  return overflow ? Result<Value>(Overflow(Kind::kInt)) : Int(result);
}

Result<Value> Natural(const std::string& name, const Value& a, const Value& b) {
  std::uint64_t result = 0;
  bool overflow = false;
  if (name == "_+_") {
    overflow = __builtin_add_overflow(a.natural, b.natural, &result);
  } else if (name == "_-_") {
    overflow = __builtin_sub_overflow(a.natural, b.natural, &result);
  } else if (name == "_*_") {
    overflow = __builtin_mul_overflow(a.natural, b.natural, &result);
  } else {
    if (b.natural == 0) return Bad(name == "_/_" ? "division by zero" : "modulus by zero");
    result = name == "_/_" ? a.natural / b.natural : a.natural % b.natural;
  }
  return overflow ? Result<Value>(Overflow(Kind::kUint)) : Uint(result);
}

// Whether two items of a list are one and the same by its list type: equal in a set, of equal keys
// in a map.
bool AreOne(const SchemaNode& list, const Value& a, const Value& b) {
  if (list.list_type == "set") return Same(a, b);
  return std::all_of(list.list_map_keys.begin(), list.list_map_keys.end(), [&](const std::string& key) {
    const auto left = LookUp(a, Text(key)), right = LookUp(b, Text(key));
    return left.has_value() == right.has_value() && (!left || Same(*left, *right));
  });
}

// a + b. A list that is a set or a map stays one: what is there already is taken over, not added.
Result<Value> Join(const Value& a, const Value& b, std::int64_t& cost) {
  const bool keyed = a.node && (a.node->list_type == "set" || a.node->list_type == "map");
  std::vector<Value> items;
  for (std::size_t i = 0; i < SizeOf(a); ++i) items.push_back(ItemAt(a, i));
  for (std::size_t i = 0; i < SizeOf(b); ++i) {
    Value item = ItemAt(b, i);
    if (keyed) {
      if ((cost -= static_cast<std::int64_t>(items.size())) < 0) break;
      const auto there = std::find_if(items.begin(), items.end(),
                                      [&](const Value& one) { return AreOne(*a.node, one, item); });
      if (there != items.end()) {
        *there = std::move(item);
        continue;
      }
    }
    items.push_back(std::move(item));
  }
  cost -= static_cast<std::int64_t>(items.size());
  Value joined = List(std::move(items));
  if (keyed) joined.node = a.node;
  return joined;
}

Result<Value> Arithmetic(const std::string& name, const Value& a, const Value& b, std::int64_t& cost) {
  if (a.kind == Kind::kInt && b.kind == Kind::kInt) return Whole(name, a, b);
  if (a.kind == Kind::kUint && b.kind == Kind::kUint) return Natural(name, a, b);
  if (a.kind == Kind::kDouble && b.kind == Kind::kDouble && name != "_%_") {
    if (name == "_+_") return Double(a.real + b.real);
    if (name == "_-_") return Double(a.real - b.real);
    return Double(name == "_*_" ? a.real * b.real : a.real / b.real);
  }
  if (name == "_+_" && a.kind == b.kind && (a.kind == Kind::kString || a.kind == Kind::kBytes)) {
    Value sum = a;
    sum.text += b.text;
    cost -= static_cast<std::int64_t>(sum.text.size() / 10);
    return sum;
  }
  if (name == "_+_" && a.kind == Kind::kList && b.kind == Kind::kList) return Join(a, b, cost);
  const bool times = (a.kind == Kind::kTimestamp || a.kind == Kind::kDuration) &&
                     (b.kind == Kind::kTimestamp || b.kind == Kind::kDuration);
  if (!times || (name != "_+_" && name != "_-_")) return NoOverload();
  const bool both = a.kind == Kind::kTimestamp && b.kind == Kind::kTimestamp;
  if (both && name == "_+_") return NoOverload();
  CAPSTAN_TRY(Value result, Whole(name, a, b));
  const bool point = !both && (a.kind == Kind::kTimestamp || b.kind == Kind::kTimestamp);
  result.kind = point ? Kind::kTimestamp : Kind::kDuration;
  return result;
}

Result<Value> Compared(const std::string& name, const Value& a, const Value& b) {
  const auto order = Order(a, b);
  if (!order) return a.IsNumber() && b.IsNumber() ? Result<Value>(Bool(false)) : NoOverload();
  if (name == "_<_") return Bool(*order < 0);
  if (name == "_<=_") return Bool(*order <= 0);
  return Bool(name == "_>_" ? *order > 0 : *order >= 0);
}

Result<Value> In(const Value& item, const Value& in, std::int64_t& cost) {
  if (in.kind == Kind::kMap) return Bool(LookUp(in, item).has_value());
  if (in.kind != Kind::kList) return NoOverload();
  const std::size_t size = SizeOf(in);
  cost -= static_cast<std::int64_t>(size);
  for (std::size_t i = 0; i < size; ++i) {
    if (Same(ItemAt(in, i), item)) return Bool(true);
  }
  return Bool(false);
}

Result<Value> Negated(const Value& value) {
  if (value.kind == Kind::kDouble) return Double(-value.real);
  if (value.kind != Kind::kInt && value.kind != Kind::kDuration) return NoOverload();
  if (value.whole == std::numeric_limits<std::int64_t>::min()) return Overflow(Kind::kInt);
  Value negated = value;
  negated.whole = -value.whole;
  return negated;
}

// Where each rune of a text begins, and its end: indexes of CEL count runes.
std::vector<std::size_t> Places(const std::string& text) {
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < text.size();) {
    places.push_back(at);
    NextRune(text, at);
  }
  places.push_back(text.size());
  return places;
}

Failure OutOfRange(std::int64_t index) { return Bad(StrCat("index out of range: ", index)); }

Result<Value> Substring(const Arguments& a) {
  const auto places = Places(a[0].text);
  const auto size = static_cast<std::int64_t>(places.size()) - 1;
  const std::int64_t from = a[1].whole, to = a.size() > 2 ? a[2].whole : size;
  if (from < 0 || from > size) return OutOfRange(from);
  if (to < 0 || to > size) return OutOfRange(to);
  if (from > to) return Bad(StrCat("invalid substring range. start: ", from, ", end: ", to));
  const std::size_t start = places[static_cast<std::size_t>(from)];
  return Text(a[0].text.substr(start, places[static_cast<std::size_t>(to)] - start));
}

Result<Value> CharAt(const Arguments& a) {
  const auto places = Places(a[0].text);
  const std::int64_t index = a[1].whole, size = static_cast<std::int64_t>(places.size()) - 1;
  if (index < 0 || index > size) return OutOfRange(index);
  if (index == size) return Text("");
  const auto at = static_cast<std::size_t>(index);
  return Text(a[0].text.substr(places[at], places[at + 1] - places[at]));
}

Result<Value> IndexOf(const Arguments& a, bool last) {
  if (a[0].kind == Kind::kList) {
    std::int64_t found = -1;
    for (std::size_t i = 0; i < SizeOf(a[0]) && (last || found < 0); ++i) {
      if (Same(ItemAt(a[0], i), a[1])) found = static_cast<std::int64_t>(i);
    }
    return Int(found);
  }
  const auto places = Places(a[0].text);
  const auto size = static_cast<std::int64_t>(places.size()) - 1;
  const std::int64_t from = a.size() > 2 ? a[2].whole : last ? size : 0;
  if (from < 0) return OutOfRange(from);
  if (a[1].text.empty()) return Int(std::min(from, size));
  if (a.size() > 2 && from >= size) return Int(-1);
  const std::size_t place = places[static_cast<std::size_t>(from)];
  const std::size_t at = last ? a[0].text.rfind(a[1].text, place) : a[0].text.find(a[1].text, place);
  if (at == std::string::npos) return Int(-1);
  return Int(std::lower_bound(places.begin(), places.end(), at) - places.begin());
}

Result<Value> SplitText(const Arguments& a, std::int64_t& cost) {
  std::int64_t limit = a.size() > 2 ? a[2].whole : -1;
  std::vector<Value> parts;
  const std::string &text = a[0].text, &separator = a[1].text;
  if (limit == 0) return List({});
  if (separator.empty()) {
    const auto places = Places(text);
    for (std::size_t i = 0; i + 1 < places.size(); ++i)
      parts.push_back(Text(text.substr(places[i], places[i + 1] - places[i])));
  } else {
    std::size_t start = 0;
    for (std::size_t at; limit != 1 && (at = text.find(separator, start)) != std::string::npos;
         start = at + separator.size()) {
      parts.push_back(Text(text.substr(start, at - start)));
      if (limit > 0) --limit;
    }
    parts.push_back(Text(text.substr(start)));
  }
  cost -= static_cast<std::int64_t>(parts.size());
  return List(std::move(parts));
}

Result<Value> Replace(const Arguments& a, std::int64_t& cost) {
  std::int64_t limit = a.size() > 3 ? a[3].whole : -1;
  const std::string &text = a[0].text, &old = a[1].text;
  std::string result;
  std::size_t start = 0;
  if (old.empty()) {  // stands before every rune, and at the end
    const auto places = Places(text);
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (limit != 0) result += a[2].text;
      if (limit > 0) --limit;
      if (i + 1 < places.size()) result += text.substr(places[i], places[i + 1] - places[i]);
      if (cost -= static_cast<std::int64_t>(a[2].text.size() / 10); cost < 0) break;
    }
    return Text(result);
  }
  while (limit != 0) {
    const std::size_t at = text.find(old, start);
    if (at == std::string::npos) break;
    result += text.substr(start, at - start) + a[2].text;
    start = at + old.size();
    if (limit > 0) --limit;
    if (cost -= static_cast<std::int64_t>(a[2].text.size() / 10); cost < 0) break;
  }
  return Text(result + text.substr(start));
}

Result<Value> JoinTexts(const Arguments& a, std::int64_t& cost) {
  std::string joined;
  for (std::size_t i = 0; i < SizeOf(a[0]); ++i) {
    const Value item = ItemAt(a[0], i);
    if (item.kind != Kind::kString) return NoOverload();
    if (i > 0 && a.size() > 1) joined += a[1].text;
    joined += item.text;
  }
  cost -= static_cast<std::int64_t>(joined.size() / 10);
  return Text(joined);
}

Result<Value> Matches(const Arguments& a, std::int64_t& cost) {
  auto pattern = Pattern::Compile(a[1].text);
  if (!pattern) return Bad(pattern.error().message);
  cost -= static_cast<std::int64_t>((a[0].text.size() / 10 + 1) * (a[1].text.size() / 4 + 1));
  if (cost < 0) return Bool(false);
  return Bool(pattern.value()->Matches(a[0].text));
}

Result<Value> Fold(const std::string& name, const Value& list, std::int64_t& cost) {
  const std::size_t size = SizeOf(list);
  if (size == 0) return name == "sum" ? Result<Value>(Int(0)) : Bad(name + " called on empty list");
  Value result = ItemAt(list, 0);
  for (std::size_t i = 1; i < size; ++i) {
    const Value item = ItemAt(list, i);
    if (name == "sum") {
      CAPSTAN_TRY(result, Arithmetic("_+_", result, item, cost));
      continue;
    }
    const auto order = Order(item, result);
    if (!order) return NoOverload();
    if (name == "min" ? *order < 0 : *order > 0) result = item;
  }
  return result;
}

Result<Value> IsSorted(const Value& list) {
  for (std::size_t i = 1; i < SizeOf(list); ++i) {
    const auto order = Order(ItemAt(list, i - 1), ItemAt(list, i));
    if (!order) return NoOverload();
    if (*order > 0) return Bool(false);
  }
  return Bool(true);
}

// RFC 3339, with as many digits of a second as it needs, in the zone that it was written in.
std::string TimestampText(const Value& value) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t seconds = value.whole / kSecond, rest = value.whole % kSecond;
  if (rest < 0) rest += kSecond, --seconds;
  std::string zone = "Z";
  const std::size_t sign = value.text.size() > 19 ? value.text.find_first_of("+-", 19) : std::string::npos;
  if (sign != std::string::npos) {
    zone = value.text.substr(sign);
    const int shift = std::stoi(zone.substr(1, 2)) * 3600 + std::stoi(zone.substr(4, 2)) * 60;
    seconds += zone[0] == '-' ? -shift : shift;
    if (shift == 0) zone = "Z";
  }
  const std::time_t time = seconds;
  std::tm when{};
  gmtime_r(&time, &when);
  std::array<char, 32> text{};
  std::string shown(text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &when));
  if (rest > 0) {
    const std::string digits = std::to_string(kSecond + rest).substr(1);
    shown += "." + digits.substr(0, digits.find_last_not_of('0') + 1);
  }
  return shown + zone;
}

Result<Value> ToText(const Value& value) {
  switch (value.kind) {
    case Kind::kString:
    case Kind::kBytes:
      return Text(value.text);
    case Kind::kBool:
      return Text(value.truth ? "true" : "false");
    case Kind::kInt:
      return Text(std::to_string(value.whole));
    case Kind::kUint:
      return Text(std::to_string(value.natural));
    case Kind::kDouble:
      return Text(NumberText(value.real));
    case Kind::kTimestamp:
      return Text(TimestampText(value));
    case Kind::kDuration:
      return Text(NumberText(static_cast<double>(value.whole) / 1e9) + "s");
    default:
      return NoOverload();
  }
}

template <class T>
bool ReadAll(const std::string& text, T& number) {
  // A sign may be written out, but of what cannot be negative.
  const bool plus = std::is_signed_v<T> && text.size() > 1 && text[0] == '+' && text[1] != '-';
  const char* begin = text.data() + (plus ? 1 : 0);
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(begin, end, number);
  return !text.empty() && read.ec == std::errc() && read.ptr == end;
}

Result<Value> ToNumber(const std::string& name, const Value& value) {
  double real = value.real;
  if (value.kind == Kind::kInt) real = static_cast<double>(value.whole);
  if (value.kind == Kind::kUint) real = static_cast<double>(value.natural);
  if (value.kind == Kind::kString) {
    std::int64_t whole = 0;
    std::uint64_t natural = 0;
    if (name == "int" && ReadAll(value.text, whole)) return Int(whole);
    if (name == "uint" && ReadAll(value.text, natural)) return Uint(natural);
    if (name == "double" && ReadAll(value.text, real)) return Double(real);
    return Bad(StrCat("type conversion error from 'string' to '", name, "'"));
  }
  if (name == "double") return value.IsNumber() ? Result<Value>(Double(real)) : NoOverload();
  if (name == "int" && value.kind == Kind::kInt) return value;
  if (name == "uint" && value.kind == Kind::kUint) return value;
  if (name == "int" && value.kind == Kind::kTimestamp) return Int(value.whole / 1'000'000'000);
  if (!value.IsNumber()) return NoOverload();
  if (name == "int" && real > -9.2e18 && real < 9.2e18) return Int(static_cast<std::int64_t>(real));
  if (name == "uint" && real >= 0 && real < 1.8e19) return Uint(static_cast<std::uint64_t>(real));
  return Overflow(name == "uint" ? Kind::kUint : Kind::kInt);
}

Result<Value> ToTime(const std::string& name, const Value& value) {
  const bool point = name == "timestamp";
  if (value.kind == (point ? Kind::kTimestamp : Kind::kDuration)) return value;
  const auto parsed = point ? ParseTimestamp(value.text) : ParseDuration(value.text);
  if (!parsed && point) return Bad(StrCat("invalid RFC 3339 timestamp \"", value.text, "\""));
  if (!parsed) return Bad("type conversion error from 'string' to 'google.protobuf.Duration'");
  Value result = Int(*parsed);
  result.kind = point ? Kind::kTimestamp : Kind::kDuration;
  if (point) result.text = value.text;  // tells its zone
  return result;
}

// Without the blanks at its ends, all that Unicode knows.
std::string Trimmed(const std::string& text) {
  const auto is_blank = [](std::uint32_t rune) {
    return (rune >= 0x09 && rune <= 0x0D) || rune == 0x20 || rune == 0x85 || rune == 0xA0 || rune == 0x1680 ||
           (rune >= 0x2000 && rune <= 0x200A) || rune == 0x2028 || rune == 0x2029 || rune == 0x202F ||
           rune == 0x205F || rune == 0x3000;
  };
  std::size_t begin = text.size(), end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (is_blank(NextRune(text, at))) continue;
    begin = std::min(begin, start);
    end = at;
  }
  return begin < end ? text.substr(begin, end - begin) : "";
}

std::string CaseOf(std::string text, bool lower) {
  for (char& c : text) {
    if (lower ? c >= 'A' && c <= 'Z' : c >= 'a' && c <= 'z') c = static_cast<char>(c ^ 0x20);
  }
  return text;
}

bool TextsAt(const Arguments& a, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (i >= a.size() || a[i].kind != Kind::kString) return false;
  }
  return true;
}
bool WholesFrom(const Arguments& a, std::size_t first) {
  return std::all_of(a.begin() + static_cast<std::ptrdiff_t>(std::min(first, a.size())), a.end(),
                     [](const Value& value) { return value.kind == Kind::kInt; });
}

Result<Value> TextFunction(const std::string& name, const Arguments& a, std::int64_t& cost) {
  const bool two = TextsAt(a, 2);
  if (name == "startsWith" && two) return Bool(a[0].text.rfind(a[1].text, 0) == 0);
  if (name == "endsWith" && two) {
    return Bool(a[0].text.size() >= a[1].text.size() &&
                a[0].text.compare(a[0].text.size() - a[1].text.size(), std::string::npos, a[1].text) == 0);
  }
  if (name == "contains" && two) return Bool(a[0].text.find(a[1].text) != std::string::npos);
  if (name == "matches" && two) return Matches(a, cost);
  if (name == "split" && two && WholesFrom(a, 2)) return SplitText(a, cost);
  if ((name == "indexOf" || name == "lastIndexOf") &&
      (a[0].kind == Kind::kList || (two && WholesFrom(a, 2)))) {
    return IndexOf(a, name == "lastIndexOf");
  }
  if (name == "replace" && TextsAt(a, 3) && WholesFrom(a, 3)) return Replace(a, cost);
  if (name == "join" && a[0].kind == Kind::kList && (a.size() == 1 || a[1].kind == Kind::kString))
    return JoinTexts(a, cost);
  if (!TextsAt(a, 1)) return NoOverload();
  if (name == "lowerAscii" || name == "upperAscii") return Text(CaseOf(a[0].text, name == "lowerAscii"));
  if (name == "trim") return Text(Trimmed(a[0].text));
  if (name == "substring" && WholesFrom(a, 1)) return Substring(a);
  if (name == "charAt" && WholesFrom(a, 1)) return CharAt(a);
  return NoOverload();
}

}  // namespace

Result<Value> CallFunction(const std::string& name, const std::vector<Value>& arguments, std::int64_t& cost) {
  const Value& first = arguments.front();
  if (first.kind == Kind::kString) cost -= static_cast<std::int64_t>(first.text.size() / 10);
  if (name == "_==_" || name == "_!=_") {
    const auto size = static_cast<std::int64_t>(SizeOf(first));
    const bool unordered = first.node && !first.node->list_type.empty() && first.node->list_type != "atomic";
    cost -= first.kind == Kind::kList && unordered ? size * size : size / 10;
  }
  if (name == "_==_") return Bool(Same(first, arguments[1]));
  if (name == "_!=_") return Bool(!Same(first, arguments[1]));
  if (name == "_<_" || name == "_<=_" || name == "_>_" || name == "_>=_")
    return Compared(name, first, arguments[1]);
  if (name == "@in") return In(first, arguments[1], cost);
  if (name == "!_") return first.kind == Kind::kBool ? Result<Value>(Bool(!first.truth)) : NoOverload();
  if (name == "-_") return Negated(first);
  if (name.front() == '_') return Arithmetic(name, first, arguments[1], cost);
  if (name == "size") {
    const bool sized = first.kind == Kind::kString || first.kind == Kind::kBytes ||
                       first.kind == Kind::kList || first.kind == Kind::kMap;
    return sized ? Result<Value>(Int(static_cast<std::int64_t>(SizeOf(first)))) : NoOverload();
  }
  if (name == "dyn") return first;
  if (name == "string") return ToText(first);
  if (name == "int" || name == "uint" || name == "double") return ToNumber(name, first);
  if (name == "duration" || name == "timestamp") return ToTime(name, first);
  if (name == "isSorted" || name == "sum" || name == "min" || name == "max") {
    if (first.kind != Kind::kList) return NoOverload();
    cost -= static_cast<std::int64_t>(SizeOf(first));
    return name == "isSorted" ? IsSorted(first) : Fold(name, first, cost);
  }
  return TextFunction(name, arguments, cost);
}

}  // namespace capstan::apiserver::cel
