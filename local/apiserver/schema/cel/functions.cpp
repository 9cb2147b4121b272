#include <capstan/local/apiserver/schema/cel/functions.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include <capstan/core/base/text.hpp>

namespace capstan::apiserver::cel {
namespace {

const std::vector<Function>& Table() {
  static const std::vector<Function> table = [] {
    std::vector<Function> all;
    for (const auto& part : {TextFunctions(), ListFunctions(), TimeFunctions(), ConversionFunctions(),
                             KindFunctions(), AccessFunctions()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return table;
}

// The letters without the `o` mark, and how many of them are required.
std::pair<std::string, std::size_t> Letters(const Function& function) {
  const std::size_t mark = function.arguments.find('o');
  std::string letters(function.arguments);
  if (mark == std::string::npos) return {letters, letters.size()};
  letters.erase(mark, 1);
  return {letters, mark};
}

bool IsOrderedKind(Kind kind) {
  return kind == Kind::kBool || kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kDouble ||
         kind == Kind::kString || kind == Kind::kBytes || kind == Kind::kTimestamp || kind == Kind::kDuration;
}

// Whether a value matches a letter.
bool FitsValue(char letter, const Value& value) {
  switch (letter) {
    case 's':
      return value.kind == Kind::kString;
    case 'y':
      return value.kind == Kind::kBytes;
    case 'i':
      return value.kind == Kind::kInt;
    case 'u':
      return value.kind == Kind::kUint;
    case 'd':
      return value.kind == Kind::kDouble;
    case 'b':
      return value.kind == Kind::kBool;
    case 'v':
      return IsOrderedKind(value.kind);
    case 'z':
      return value.kind == Kind::kString || value.kind == Kind::kBytes || value.kind == Kind::kList ||
             value.kind == Kind::kMap;
    case 'l':
    case 'L':
    case 'S':
    case 'c':
    case 'n':
    case 'N':
      return value.kind == Kind::kList;
    case 't':
      return value.kind == Kind::kTimestamp;
    case 'D':
      return value.kind == Kind::kDuration;
    case 'O':
      return value.kind == Kind::kOptional;
    case 'U':
      return value.kind == Kind::kUrl;
    case 'I':
      return value.kind == Kind::kIp;
    case 'C':
      return value.kind == Kind::kCidr;
    case 'Q':
      return value.kind == Kind::kQuantity;
    case 'V':
      return value.kind == Kind::kSemver;
    case 'F':
      return value.kind == Kind::kFormat;
    case 'A':
      return value.kind == Kind::kAuthorizer;
    default:
      return true;
  }
}

bool FitsValues(const Function& function, const Arguments& arguments) {
  const auto [letters, needed] = Letters(function);
  if (arguments.size() < needed || arguments.size() > letters.size()) return false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!FitsValue(letters[i], arguments[i])) return false;
  }
  return true;
}

bool FitsType(char letter, const Type& type) {
  if (IsDyn(type)) return true;
  const Type element = ElementOf(type);
  switch (letter) {
    case 's':
      return type.kind == TypeKind::kString;
    case 'y':
      return type.kind == TypeKind::kBytes;
    case 'i':
      return type.kind == TypeKind::kInt;
    case 'u':
      return type.kind == TypeKind::kUint;
    case 'd':
      return type.kind == TypeKind::kDouble;
    case 'b':
      return type.kind == TypeKind::kBool;
    case 'v':
      return IsOrdered(type);
    case 'z':
      return type.kind == TypeKind::kString || type.kind == TypeKind::kBytes ||
             type.kind == TypeKind::kList || type.kind == TypeKind::kMap;
    case 'l':
    case 'L':
      return type.kind == TypeKind::kList;
    case 'S':
      return type.kind == TypeKind::kList && (IsDyn(element) || element.kind == TypeKind::kString);
    case 'c':
      return type.kind == TypeKind::kList && (IsDyn(element) || IsOrdered(element));
    case 'n':
      return type.kind == TypeKind::kList &&
             (IsDyn(element) || IsNumber(element) || element.kind == TypeKind::kDuration);
    case 'N':
      return type.kind == TypeKind::kList && (IsDyn(element) || element.kind == TypeKind::kOptional);
    case 't':
      return type.kind == TypeKind::kTimestamp;
    case 'D':
      return type.kind == TypeKind::kDuration;
    case 'O':
      return type.kind == TypeKind::kOptional;
    case 'U':
      return type.kind == TypeKind::kUrl;
    case 'I':
      return type.kind == TypeKind::kIp;
    case 'C':
      return type.kind == TypeKind::kCidr;
    case 'Q':
      return type.kind == TypeKind::kQuantity;
    case 'V':
      return type.kind == TypeKind::kSemver;
    case 'F':
      return type.kind == TypeKind::kFormat;
    case 'A':
      return false;  // not of a schema
    default:
      return true;
  }
}

}  // namespace

std::vector<const Function*> FindFunctions(std::string_view name, bool method) {
  static const auto index = [] {
    std::map<std::pair<std::string_view, bool>, std::vector<const Function*>> by_name;
    for (const Function& function : Table()) by_name[{function.name, function.method}].push_back(&function);
    return by_name;
  }();
  const auto found = index.find({name, method});
  return found == index.end() ? std::vector<const Function*>() : found->second;
}

bool IsFunction(std::string_view name) { return !FindFunctions(name, false).empty(); }

bool Fits(const Function& function, const std::vector<Type>& arguments) {
  const auto [letters, needed] = Letters(function);
  if (arguments.size() < needed || arguments.size() > letters.size()) return false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const char letter = letters[i];
    if (!FitsType(letter, arguments[i])) return false;
    if (letter == 'e' && !Meet(ElementOf(arguments[0]), arguments[i])) return false;
    if (letter == 'x' && !Meet(ElementOf(arguments[0]), arguments[i])) return false;
    if (letter == 'L' && !Meet(arguments[0], arguments[i])) return false;
  }
  return true;
}

Type ResultType(const Function& function, const std::vector<Type>& arguments) {
  const Type first = arguments.empty() ? Type{} : arguments.front();
  switch (function.result) {
    case 's':
      return Of(TypeKind::kString);
    case 'y':
      return Of(TypeKind::kBytes);
    case 'i':
      return Of(TypeKind::kInt);
    case 'u':
      return Of(TypeKind::kUint);
    case 'd':
      return Of(TypeKind::kDouble);
    case 'b':
      return Of(TypeKind::kBool);
    case 't':
      return Of(TypeKind::kTimestamp);
    case 'D':
      return Of(TypeKind::kDuration);
    case 'S':
      return ListOf(Of(TypeKind::kString));
    case 'f':
      return ListOf({});
    case 'l':
      return ListOf(Of(TypeKind::kInt));
    case 'M':
      return MapOf(ListOf(Of(TypeKind::kString)));
    case 'E':
    case 'X':
      return ElementOf(first);
    case 'N':
      return ListOf(ElementOf(ElementOf(first)));
    case 'R':
      return first;
    case 'W':
      return OptionalOf(first);
    case 'P':
      return OptionalOf(ElementOf(first));
    case 'O':
      return OptionalOf({});
    case 'p':
      return OptionalOf(ListOf(Of(TypeKind::kString)));
    case 'Y':
      return Of(TypeKind::kType);
    case 'U':
      return Of(TypeKind::kUrl);
    case 'I':
      return Of(TypeKind::kIp);
    case 'C':
      return Of(TypeKind::kCidr);
    case 'Q':
      return Of(TypeKind::kQuantity);
    case 'V':
      return Of(TypeKind::kSemver);
    case 'F':
      return Of(TypeKind::kFormat);
    default:
      return {};
  }
}

Result<Value> CallFunction(std::string_view name, bool method, const Arguments& arguments, Meter& meter) {
  // Charged for every text argument, because every function reads its arguments.
  for (const Value& argument : arguments) CAPSTAN_RETURN_IF_ERROR(meter.ChargeText(argument.text.size()));
  for (const Function* function : FindFunctions(name, method)) {
    if (FitsValues(*function, arguments)) return function->call(arguments, meter);
  }
  return NoOverload();
}

}  // namespace capstan::apiserver::cel
