// String functions: CEL's strings extension, and Kubernetes' find and findAll.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>
#include <capstan/local/apiserver/schema/pattern/pattern.hpp>

namespace capstan::apiserver::cel {
namespace {

// The byte offset of each rune and of the end: CEL's indexes count runes.
Result<std::vector<std::size_t>> Places(std::string_view text, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(meter.Take((text.size() + 1) * sizeof(std::size_t)));
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < text.size();) {
    places.push_back(at);
    NextRune(text, at);
  }
  places.push_back(text.size());
  return places;
}

// The byte offset of rune `index`; nullopt beyond the end.
std::optional<std::size_t> PlaceOf(std::string_view text, std::int64_t index) {
  if (index < 0) return std::nullopt;
  std::size_t at = 0;
  for (; index > 0; --index) {
    if (at >= text.size()) return std::nullopt;
    NextRune(text, at);
  }
  return at;
}

Failure OutOfRange(std::int64_t index) { return Bad(StrCat("index out of range: ", index)); }

Result<Value> StartsWith(const Arguments& a, Meter&) {
  return Bool(a[0].text.substr(0, a[1].text.size()) == a[1].text);
}
Result<Value> EndsWith(const Arguments& a, Meter&) {
  const std::string_view text = a[0].text, end = a[1].text;
  return Bool(text.size() >= end.size() && text.substr(text.size() - end.size()) == end);
}

// A naive search can compare every byte of the text with every byte of the pattern.
Status ChargeSearch(const Arguments& a, Meter& meter) {
  return meter.Charge((a[0].text.size() / 10 + 1) * (a[1].text.size() / 10 + 1));
}

Result<Value> ContainsText(const Arguments& a, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(ChargeSearch(a, meter));
  return Bool(a[0].text.find(a[1].text) != std::string_view::npos);
}

Result<Value> Substring(const Arguments& a, Meter&) {
  const std::int64_t from = a[1].whole;
  const auto start = PlaceOf(a[0].text, from);
  if (!start) return OutOfRange(from);
  if (a.size() == 2) return PartOf(a[0], a[0].text.substr(*start));
  const std::int64_t to = a[2].whole;
  const auto end = PlaceOf(a[0].text, to);
  if (!end) return OutOfRange(to);
  if (from > to) return Bad(StrCat("invalid substring range. start: ", from, ", end: ", to));
  return PartOf(a[0], a[0].text.substr(*start, *end - *start));
}

Result<Value> CharAt(const Arguments& a, Meter&) {
  const auto start = PlaceOf(a[0].text, a[1].whole);
  if (!start) return OutOfRange(a[1].whole);
  std::size_t end = *start;
  if (end < a[0].text.size()) NextRune(a[0].text, end);
  return PartOf(a[0], a[0].text.substr(*start, end - *start));
}

Result<Value> Search(const Arguments& a, bool last, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(ChargeSearch(a, meter));
  const std::string_view text = a[0].text, sought = a[1].text;
  const auto size = static_cast<std::int64_t>(CountRunes(text));
  const std::int64_t from = a.size() > 2 ? a[2].whole : last ? size : 0;
  if (from < 0) return OutOfRange(from);
  if (sought.empty()) return Int(std::min(from, size));
  if (a.size() > 2 && from >= size) return Int(-1);
  const std::size_t place = PlaceOf(text, from).value_or(text.size());
  const std::size_t at = last ? text.rfind(sought, place) : text.find(sought, place);
  return Int(at == std::string_view::npos ? -1 : static_cast<std::int64_t>(CountRunes(text.substr(0, at))));
}
Result<Value> IndexOf(const Arguments& a, Meter& meter) { return Search(a, false, meter); }
Result<Value> LastIndexOf(const Arguments& a, Meter& meter) { return Search(a, true, meter); }

Result<Value> SplitText(const Arguments& a, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(ChargeSearch(a, meter));
  std::int64_t limit = a.size() > 2 ? a[2].whole : -1;
  std::vector<Value> parts;
  const std::string_view text = a[0].text, separator = a[1].text;
  const auto add = [&](std::string_view part) -> Status {
    CAPSTAN_RETURN_IF_ERROR(meter.Charge(1));
    CAPSTAN_RETURN_IF_ERROR(meter.Take(sizeof(Value)));
    parts.push_back(PartOf(a[0], part));
    return {};
  };
  if (limit == 0) return List({});
  std::size_t start = 0;
  if (separator.empty()) {
    while (start < text.size() && limit != 1) {
      std::size_t end = start;
      NextRune(text, end);
      CAPSTAN_RETURN_IF_ERROR(add(text.substr(start, end - start)));
      start = end;
      if (limit > 0) --limit;
    }
    if (start < text.size()) CAPSTAN_RETURN_IF_ERROR(add(text.substr(start)));
    return List(std::move(parts));
  }
  for (std::size_t at; limit != 1 && (at = text.find(separator, start)) != std::string_view::npos;
       start = at + separator.size()) {
    CAPSTAN_RETURN_IF_ERROR(add(text.substr(start, at - start)));
    if (limit > 0) --limit;
  }
  CAPSTAN_RETURN_IF_ERROR(add(text.substr(start)));
  return List(std::move(parts));
}

// Charges the meter, then appends.
Status Append(std::string& text, std::string_view more, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(meter.ChargeText(more.size()));
  CAPSTAN_RETURN_IF_ERROR(meter.Take(more.size()));
  text += more;
  return {};
}

Result<Value> Replace(const Arguments& a, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(ChargeSearch(a, meter));
  std::int64_t limit = a.size() > 3 ? a[3].whole : -1;
  const std::string_view text = a[0].text, old = a[1].text, fresh = a[2].text;
  std::string result;
  std::size_t start = 0;
  if (old.empty()) {  // an empty text occurs before every rune and at the end
    CAPSTAN_TRY(const auto places, Places(text, meter));
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (limit != 0) CAPSTAN_RETURN_IF_ERROR(Append(result, fresh, meter));
      if (limit > 0) --limit;
      if (i + 1 < places.size())
        CAPSTAN_RETURN_IF_ERROR(Append(result, text.substr(places[i], places[i + 1] - places[i]), meter));
    }
    return Text(std::move(result));
  }
  while (limit != 0) {
    const std::size_t at = text.find(old, start);
    if (at == std::string_view::npos) break;
    CAPSTAN_RETURN_IF_ERROR(Append(result, text.substr(start, at - start), meter));
    CAPSTAN_RETURN_IF_ERROR(Append(result, fresh, meter));
    start = at + old.size();
    if (limit > 0) --limit;
  }
  CAPSTAN_RETURN_IF_ERROR(Append(result, text.substr(start), meter));
  return Text(std::move(result));
}

Result<Value> JoinTexts(const Arguments& a, Meter& meter) {
  std::string joined;
  for (std::size_t i = 0; i < SizeOf(a[0]); ++i) {
    CAPSTAN_TRY(const Value item, ItemAt(a[0], i, meter));
    if (item.kind != Kind::kString) return NoOverload();
    if (i > 0 && a.size() > 1) CAPSTAN_RETURN_IF_ERROR(Append(joined, a[1].text, meter));
    CAPSTAN_RETURN_IF_ERROR(Append(joined, item.text, meter));
  }
  return Text(std::move(joined));
}

// Compilation costs by the length of the pattern, matching by text and pattern.
Result<std::shared_ptr<const Pattern>> Compiled(const Arguments& a, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(meter.Charge((a[0].text.size() / 10 + 1) * (a[1].text.size() / 4 + 1)));
  auto pattern = Pattern::Compile(a[1].text);
  if (!pattern) return Bad(pattern.error().message);
  return pattern;
}

Result<Value> Matches(const Arguments& a, Meter& meter) {
  CAPSTAN_TRY(const auto pattern, Compiled(a, meter));
  return Bool(pattern->Matches(a[0].text));
}

Result<Value> FindPattern(const Arguments& a, Meter& meter) {
  CAPSTAN_TRY(const auto pattern, Compiled(a, meter));
  const auto found = pattern->Find(a[0].text, 0);
  return found ? PartOf(a[0], *found) : Text("");
}

Result<Value> FindAll(const Arguments& a, Meter& meter) {
  CAPSTAN_TRY(const auto pattern, Compiled(a, meter));
  const std::string_view text = a[0].text;
  std::int64_t limit = a.size() > 2 ? a[2].whole : -1;
  std::vector<Value> parts;
  for (std::size_t at = 0; at <= text.size() && limit != 0;) {
    const auto found = pattern->Find(text, at);
    if (!found) break;
    CAPSTAN_RETURN_IF_ERROR(meter.Charge(1));
    CAPSTAN_RETURN_IF_ERROR(meter.Take(sizeof(Value)));
    parts.push_back(PartOf(a[0], *found));
    std::size_t end = static_cast<std::size_t>(found->data() - text.data()) + found->size();
    if (found->empty()) {
      if (end >= text.size()) break;
      NextRune(text, end);
    }
    at = end;
    if (limit > 0) --limit;
  }
  return List(std::move(parts));
}

// Trims all whitespace that Unicode defines.
Result<Value> TrimText(const Arguments& a, Meter&) {
  const std::string_view text = a[0].text;
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
  return PartOf(a[0], begin < end ? text.substr(begin, end - begin) : std::string_view());
}

Result<Value> WithCase(const Arguments& a, bool lower, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(meter.Take(a[0].text.size()));
  std::string text = a[0].String();
  for (char& c : text) {
    if (lower ? c >= 'A' && c <= 'Z' : c >= 'a' && c <= 'z') c = static_cast<char>(c ^ 0x20);
  }
  return Text(std::move(text));
}
Result<Value> LowerAscii(const Arguments& a, Meter& meter) { return WithCase(a, true, meter); }
Result<Value> UpperAscii(const Arguments& a, Meter& meter) { return WithCase(a, false, meter); }

Result<Value> Quote(const Arguments& a, Meter& meter) {
  std::string quoted = "\"";
  CAPSTAN_RETURN_IF_ERROR(meter.Take(2 * a[0].text.size()));
  for (const char c : a[0].text) {
    constexpr std::string_view kMeant = "\a\b\f\n\r\t\v\\\"", kWritten = "abfnrtv\\\"";
    const std::size_t at = kMeant.find(c);
    if (at != std::string_view::npos) quoted += '\\';
    quoted += at == std::string_view::npos ? c : kWritten[at];
  }
  return Text(quoted + "\"");
}

std::string Printed(const char* format, int digits, double value) {
  std::array<char, 512> buffer{};
  const int size = std::snprintf(buffer.data(), buffer.size(), format, digits, value);
  return std::string(buffer.data(), static_cast<std::size_t>(std::max(size, 0)));
}

// 1234.5 as "1.234500×10⁰³": always six digits, as in Kubernetes.
std::string Scientific(double value) {
  const std::string plain = Printed("%.*e", 6, value);
  const std::size_t e = std::min(plain.find('e'), plain.size());
  constexpr std::string_view kRaised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = plain.substr(0, e) + "×10";
  for (std::size_t i = e + 1; i < plain.size(); ++i) {
    if (plain[i] == '-') text += "⁻";
    if (plain[i] >= '0' && plain[i] <= '9') text += kRaised[plain[i] - '0'];
  }
  return text;
}

// A number with `digits` decimals and thousands separators.
std::string Fixed(double value, int digits) {
  std::string text = Printed("%.*f", digits, value);
  const std::size_t first = text[0] == '-' ? 1 : 0;
  for (std::size_t at = std::min(text.find('.'), text.size()); at > first + 3;) text.insert(at -= 3, ",");
  return text;
}

// A number as %f and %e print it.
std::string Decimal(double value, int digits, char verb) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "∞" : "-∞";
  return verb == 'e' ? Scientific(value) : Fixed(value, digits);
}

Result<std::string> InBase(const Value& value, int base, bool upper) {
  if (value.kind == Kind::kBool && base == 2) return std::string(value.truth ? "1" : "0");
  if (value.kind != Kind::kInt && value.kind != Kind::kUint) return NoOverload();
  const bool negative = value.kind == Kind::kInt && value.whole < 0;
  std::uint64_t rest = value.kind == Kind::kUint ? value.natural
                       : negative                ? ~static_cast<std::uint64_t>(value.whole) + 1
                                                 : static_cast<std::uint64_t>(value.whole);
  std::string digits;
  do {
    digits += (upper ? "0123456789ABCDEF" : "0123456789abcdef")[rest % static_cast<unsigned>(base)];
    rest /= static_cast<unsigned>(base);
  } while (rest > 0);
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

// A value as %s prints it; strings inside lists and maps are quoted.
Status AppendShown(std::string& out, const Value& value, bool inside, Meter& meter) {
  if (value.kind == Kind::kList) {
    CAPSTAN_RETURN_IF_ERROR(Append(out, "[", meter));
    for (std::size_t i = 0; i < SizeOf(value); ++i) {
      if (i > 0) CAPSTAN_RETURN_IF_ERROR(Append(out, ", ", meter));
      CAPSTAN_TRY(const Value item, ItemAt(value, i, meter));
      CAPSTAN_RETURN_IF_ERROR(AppendShown(out, item, true, meter));
    }
    return Append(out, "]", meter);
  }
  if (value.kind == Kind::kMap) {
    CAPSTAN_TRY(const std::vector<Value> keys, KeysOf(value, meter));
    CAPSTAN_RETURN_IF_ERROR(Append(out, "{", meter));
    bool first = true;
    for (const Value& key : keys) {
      if (!first) CAPSTAN_RETURN_IF_ERROR(Append(out, ", ", meter));
      first = false;
      CAPSTAN_RETURN_IF_ERROR(AppendShown(out, key, true, meter));
      CAPSTAN_RETURN_IF_ERROR(Append(out, ":", meter));
      CAPSTAN_TRY(const auto field, LookUp(value, key, meter));
      CAPSTAN_RETURN_IF_ERROR(AppendShown(out, field.value_or(Null()), true, meter));
    }
    return Append(out, "}", meter);
  }
  if (value.kind == Kind::kNull) return Append(out, "null", meter);
  if (value.kind == Kind::kType) return Append(out, value.text, meter);
  CAPSTAN_TRY(const Value text, ToText(value, meter));
  if (!inside || value.kind != Kind::kString) return Append(out, text.text, meter);
  CAPSTAN_TRY(const Value quoted, Quote({text}, meter));
  return Append(out, quoted.text, meter);
}

Status AppendHex(std::string& out, std::string_view bytes, bool upper, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(meter.Take(2 * bytes.size()));
  const char* letters = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex += letters[static_cast<unsigned char>(c) >> 4U];
    hex += letters[static_cast<unsigned char>(c) & 0xFU];
  }
  return Append(out, hex, meter);
}

// The value as one verb of a format prints it, such as %s or %.3f.
Status AppendFormatted(std::string& out, const Value& value, char verb, int digits, Meter& meter) {
  switch (verb) {
    case 's':
      return AppendShown(out, value, false, meter);
    case 'd':
      if (!value.IsNumber() || (value.kind == Kind::kDouble && std::isfinite(value.real)))
        return NoOverload();
      return AppendShown(out, value, false, meter);
    case 'f':
    case 'e':
      if (value.kind == Kind::kString && value.text == "NaN") return Append(out, "NaN", meter);
      if (value.kind != Kind::kDouble) return NoOverload();
      return Append(out, Decimal(value.real, digits, verb), meter);
    case 'x':
    case 'X':
      if (value.kind == Kind::kString || value.kind == Kind::kBytes)
        return AppendHex(out, value.text, verb == 'X', meter);
      [[fallthrough]];
    case 'b':
    case 'o': {
      CAPSTAN_TRY(const std::string text, InBase(value, verb == 'b' ? 2 : verb == 'o' ? 8 : 16, verb == 'X'));
      return Append(out, text, meter);
    }
    default:
      return Bad(StrCat("could not parse formatting clause: unrecognized formatting clause \"",
                        std::string(1, verb), "\""));
  }
}

// Parses an optional precision (".3") after "%" and advances `at` to the verb.
Result<int> ReadDigits(std::string_view format, std::size_t& at) {
  if (format[at] != '.') return 6;
  int digits = 0;
  for (++at; at < format.size() && format[at] >= '0' && format[at] <= '9'; ++at) {
    digits = digits * 10 + (format[at] - '0');
    if (digits > 100) return Bad("precision specifier is too large");
  }
  if (at >= format.size()) return Bad("could not find end of precision specifier");
  return digits;
}

Result<Value> Format(const Arguments& a, Meter& meter) {
  const std::string_view format = a[0].text;
  std::string out;
  std::size_t next = 0;
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%') {
      const std::size_t end = std::min(format.find('%', at), format.size());
      CAPSTAN_RETURN_IF_ERROR(Append(out, format.substr(at, end - at), meter));
      at = end - 1;
      continue;
    }
    if (++at >= format.size()) return Bad("unexpected end of string");
    if (format[at] == '%') {
      CAPSTAN_RETURN_IF_ERROR(Append(out, "%", meter));
      continue;
    }
    CAPSTAN_TRY(const int digits, ReadDigits(format, at));
    if (next >= SizeOf(a[1])) return Bad(StrCat("index ", next, " out of range"));
    CAPSTAN_TRY(const Value value, ItemAt(a[1], next++, meter));
    CAPSTAN_RETURN_IF_ERROR(AppendFormatted(out, value, format[at], digits, meter));
  }
  return Text(std::move(out));
}

Result<Value> SizeOfValue(const Arguments& a, Meter&) { return Int(static_cast<std::int64_t>(SizeOf(a[0]))); }

}  // namespace

std::vector<Function> TextFunctions() {
  return {
      {"startsWith", true, "ss", 'b', StartsWith}, {"endsWith", true, "ss", 'b', EndsWith},
      {"contains", true, "ss", 'b', ContainsText}, {"matches", true, "ss", 'b', Matches},
      {"matches", false, "ss", 'b', Matches},      {"find", true, "ss", 's', FindPattern},
      {"findAll", true, "ssoi", 'S', FindAll},     {"lowerAscii", true, "s", 's', LowerAscii},
      {"upperAscii", true, "s", 's', UpperAscii},  {"trim", true, "s", 's', TrimText},
      {"split", true, "ssoi", 'S', SplitText},     {"join", true, "Sos", 's', JoinTexts},
      {"indexOf", true, "ssoi", 'i', IndexOf},     {"lastIndexOf", true, "ssoi", 'i', LastIndexOf},
      {"substring", true, "sioi", 's', Substring}, {"replace", true, "sssoi", 's', Replace},
      {"charAt", true, "si", 's', CharAt},         {"format", true, "sl", 's', Format},
      {"strings.quote", false, "s", 's', Quote},   {"size", true, "z", 'i', SizeOfValue},
      {"size", false, "z", 'i', SizeOfValue},
  };
}

}  // namespace capstan::apiserver::cel
