// What CEL's operators and functions do. For the cel files only. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/local/apiserver/schema/cel/authorizer.hpp>
#include <capstan/local/apiserver/schema/cel/types.hpp>
#include <capstan/local/apiserver/schema/cel/value.hpp>

namespace capstan::apiserver::cel {

using Arguments = std::vector<Value>;

// One way to call a function. Functions are rows of tables, one table a file; nothing else knows
// their names.
//
// `arguments` has a letter each, the receiver of a method first; o: the rest is optional.
//   s string  y bytes  i int  u uint  d double  b bool  a anything  v what can be ordered  z what has
//   a size  l list  S list of strings  c list of what can be ordered  n list of what can be summed
//   L list like the first  e element of the first  t timestamp  D duration  O optional  x what the
//   first, an optional, holds  N list of optionals  U URL  I IP  C CIDR  Q quantity  V semver
//   F format  A authorizer
// `result` likewise, and: E element of the first  R the first's own type  X what the first, an
//   optional, holds  N list of what the optionals in the first hold  W optional of the first
//   P optional of an element of the first  p optional list of strings  M map of lists of strings
//   Y type  f list of anything
struct Function {
  std::string_view name;  // "sets.contains" where it lives in a namespace
  bool method = false;
  std::string_view arguments;
  char result = 'a';
  Result<Value> (*call)(const Arguments& arguments, Meter& meter) = nullptr;
};

// All ways to call it, none when there is no such function.
std::vector<const Function*> FindFunctions(std::string_view name, bool method);
// Whether "NAMESPACE.name" is a function.
bool IsFunction(std::string_view name);
// The type of the call, or nothing when the arguments do not fit.
bool Fits(const Function& function, const std::vector<Type>& arguments);
Type ResultType(const Function& function, const std::vector<Type>& arguments);

// The tables.
std::vector<Function> TextFunctions();
std::vector<Function> ListFunctions();
std::vector<Function> TimeFunctions();
std::vector<Function> ConversionFunctions();
std::vector<Function> KindFunctions();
std::vector<Function> AccessFunctions();

// The variable `authorizer`, and its part requestResource.
Value AuthorizerValue();
Value RequestResource(const AccessCheck& request);

// Calls a function. Errors: kInvalidArgument in CEL's words ("division by zero", "no such
// overload", …), kResourceExhausted, kCancelled.
Result<Value> CallFunction(std::string_view name, bool method, const Arguments& arguments, Meter& meter);
// An operator other than && || and ?:. Errors: the same.
Result<Value> CallOperator(std::string_view name, const Arguments& arguments, Meter& meter);

// The texts of values, as string() and string.format write them. Errors: kInvalidArgument.
Result<Value> ToText(const Value& value, Meter& meter);

inline Failure Bad(std::string what) { return Fail(Code::kInvalidArgument, std::move(what)); }
inline Failure Overflow(Kind kind) {
  return Bad(kind == Kind::kUint ? "unsigned integer overflow" : "integer overflow");
}
inline Failure NoOverload() { return Bad("no such overload"); }

}  // namespace capstan::apiserver::cel
