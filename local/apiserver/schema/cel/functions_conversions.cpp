// Type conversions, type(), and optionals.
#include <array>
#include <charconv>
#include <ctime>
#include <type_traits>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>
#include <capstan/local/apiserver/schema/cel/kinds.hpp>

namespace capstan::apiserver::cel {
namespace {

// RFC 3339 with as many fractional digits as needed, in the time zone of the original text.
std::string TimestampText(const Value& value) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t seconds = value.whole / kSecond, rest = value.whole % kSecond;
  if (rest < 0) rest += kSecond, --seconds;
  std::string zone = "Z";
  const std::size_t sign =
      value.text.size() > 19 ? value.text.find_first_of("+-", 19) : std::string_view::npos;
  if (sign != std::string_view::npos) {
    zone = value.String().substr(sign);
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

template <class T>
bool ReadAll(std::string_view text, T& number) {
  // Signed types accept a plus sign.
  const bool plus = std::is_signed_v<T> && text.size() > 1 && text[0] == '+' && text[1] != '-';
  const char* begin = text.data() + (plus ? 1 : 0);
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(begin, end, number);
  return !text.empty() && read.ec == std::errc() && read.ptr == end;
}

Result<Value> ToNumber(std::string_view name, const Value& value) {
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

Result<Value> ToInt(const Arguments& a, Meter&) { return ToNumber("int", a[0]); }
Result<Value> ToUint(const Arguments& a, Meter&) { return ToNumber("uint", a[0]); }
Result<Value> ToDouble(const Arguments& a, Meter&) { return ToNumber("double", a[0]); }
Result<Value> Unchanged(const Arguments& a, Meter&) { return a[0]; }
Result<Value> ToString(const Arguments& a, Meter& meter) { return ToText(a[0], meter); }
Result<Value> ToBytes(const Arguments& a, Meter&) {
  Value bytes = a[0];
  bytes.kind = Kind::kBytes;
  return bytes;
}
Result<Value> ToBool(const Arguments& a, Meter&) {
  const std::string_view text = a[0].text;
  for (const char* word : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == word) return Bool(true);
  }
  for (const char* word : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == word) return Bool(false);
  }
  return Bad("type conversion error from 'string' to 'bool'");
}

Result<Value> ToTimestamp(const Arguments& a, Meter&) {
  Value result = a[0];
  result.kind = Kind::kTimestamp;
  if (a[0].kind == Kind::kInt) {
    if (a[0].whole > 9'223'372'035 || a[0].whole < -9'223'372'035) return Bad("timestamp overflow");
    result.whole = a[0].whole * 1'000'000'000;
    return result;
  }
  const auto parsed = ParseTimestamp(a[0].text);
  if (!parsed) return Bad(StrCat("invalid RFC 3339 timestamp \"", a[0].text, "\""));
  result.whole = *parsed;  // the text keeps its time zone
  return result;
}
Result<Value> ToDuration(const Arguments& a, Meter&) {
  const auto parsed = ParseDuration(a[0].text);
  if (!parsed) return Bad("type conversion error from 'string' to 'google.protobuf.Duration'");
  Value result = Int(*parsed);
  result.kind = Kind::kDuration;
  return result;
}

Result<Value> TypeOf(const Arguments& a, Meter&) {
  constexpr std::array<const char*, 19> kNames = {"null_type",
                                                  "bool",
                                                  "int",
                                                  "uint",
                                                  "double",
                                                  "string",
                                                  "bytes",
                                                  "list",
                                                  "map",
                                                  "google.protobuf.Timestamp",
                                                  "google.protobuf.Duration",
                                                  "optional_type",
                                                  "type",
                                                  "kubernetes.URL",
                                                  "net.IP",
                                                  "net.CIDR",
                                                  "kubernetes.Quantity",
                                                  "kubernetes.Semver",
                                                  "kubernetes.NamedFormat"};
  return TextOfKind(Kind::kType, kNames[static_cast<std::size_t>(a[0].kind)]);
}

Result<Value> OptionalOfValue(const Arguments& a, Meter&) { return Some(a[0]); }
Result<Value> OptionalNone(const Arguments&, Meter&) { return None(); }
Result<Value> OptionalOfNonZero(const Arguments& a, Meter&) {
  const Value& value = a[0];
  bool zero = false;
  switch (value.kind) {
    case Kind::kNull:
      zero = true;
      break;
    case Kind::kBool:
      zero = !value.truth;
      break;
    case Kind::kInt:
    case Kind::kDuration:
      zero = value.whole == 0;
      break;
    case Kind::kUint:
      zero = value.natural == 0;
      break;
    case Kind::kDouble:
      zero = value.real == 0;
      break;
    case Kind::kString:
    case Kind::kBytes:
      zero = value.text.empty();
      break;
    case Kind::kList:
    case Kind::kMap:
      zero = SizeOf(value) == 0;
      break;
    default:
      break;
  }
  return zero ? None() : Some(value);
}
Result<Value> HasValue(const Arguments& a, Meter&) { return Bool(!a[0].items->empty()); }
Result<Value> ValueOf(const Arguments& a, Meter&) {
  if (a[0].items->empty()) return Bad("optional.none() dereference");
  return a[0].items->front();
}
Result<Value> Or(const Arguments& a, Meter&) { return a[0].items->empty() ? a[1] : a[0]; }
Result<Value> Unwrap(const Arguments& a, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(meter.Charge(a[0].items->size()));
  std::vector<Value> held;
  for (const Value& item : *a[0].items) {
    if (item.kind != Kind::kOptional) return NoOverload();
    if (!item.items->empty()) held.push_back(item.items->front());
  }
  return MakeList(std::move(held), meter);
}
Result<Value> OrValue(const Arguments& a, Meter&) { return a[0].items->empty() ? a[1] : a[0].items->front(); }

}  // namespace

Result<Value> ToText(const Value& value, Meter& meter) {
  CAPSTAN_RETURN_IF_ERROR(meter.ChargeText(value.text.size()));
  Value text = value;
  switch (value.kind) {
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kUrl:
    case Kind::kSemver:
    case Kind::kQuantity:
      text.kind = Kind::kString;
      return text;
    case Kind::kIp:
    case Kind::kCidr:
      return Text(AddressText(value));
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

std::vector<Function> ConversionFunctions() {
  return {
      {"int", false, "v", 'i', ToInt},
      {"uint", false, "v", 'u', ToUint},
      {"double", false, "v", 'd', ToDouble},
      {"string", false, "v", 's', ToString},
      {"string", false, "I", 's', ToString},
      {"string", false, "C", 's', ToString},
      {"bytes", false, "s", 'y', ToBytes},
      {"bytes", false, "y", 'y', Unchanged},
      {"bool", false, "s", 'b', ToBool},
      {"bool", false, "b", 'b', Unchanged},
      {"dyn", false, "a", 'a', Unchanged},
      {"type", false, "a", 'Y', TypeOf},
      {"timestamp", false, "s", 't', ToTimestamp},
      {"timestamp", false, "i", 't', ToTimestamp},
      {"timestamp", false, "t", 't', Unchanged},
      {"duration", false, "s", 'D', ToDuration},
      {"duration", false, "D", 'D', Unchanged},
      {"optional.of", false, "a", 'W', OptionalOfValue},
      {"optional.ofNonZeroValue", false, "a", 'W', OptionalOfNonZero},
      {"optional.none", false, "", 'O', OptionalNone},
      {"optional.unwrap", false, "N", 'N', Unwrap},
      {"unwrapOpt", true, "N", 'N', Unwrap},
      {"hasValue", true, "O", 'b', HasValue},
      {"value", true, "O", 'X', ValueOf},
      {"or", true, "OO", 'R', Or},
      {"orValue", true, "Ox", 'X', OrValue},
  };
}

}  // namespace capstan::apiserver::cel
