// CEL's operators and functions. For the cel files only. Pure; thread-safe.
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

// One overload of a function. Functions are rows of tables, one table for each file; nothing else
// knows their names.
//
// `arguments` has one letter for each argument, the receiver of a method first; o: the rest is
// optional.
//   s string  y bytes  i int  u uint  d double  b bool  a anything  v any ordered type  z any type
//   with a size  l list  S list of strings  c list of an ordered type  n list of a summable type
//   L list like the first  e element of the first  t timestamp  D duration  O optional  x the type in
//   the first, an optional  N list of optionals  U URL  I IP  C CIDR  Q quantity  V semver
//   F format  A authorizer
// `result` likewise, and: E element of the first  R type of the first  X the type in the first, an
//   optional  N list of the types in the optionals of the first  W optional of the first
//   P optional of an element of the first  p optional list of strings  M map of lists of strings
//   Y type  f list of anything
struct Function {
  std::string_view name;  // "sets.contains" for a function in a namespace
  bool method = false;
  std::string_view arguments;
  char result = 'a';
  Result<Value> (*call)(const Arguments& arguments, Meter& meter) = nullptr;
};

// All overloads; empty when there is no such function.
std::vector<const Function*> FindFunctions(std::string_view name, bool method);
// Whether a function "NAMESPACE.name" exists.
bool IsFunction(std::string_view name);
// Whether the overload accepts the arguments, and the type of its result for them.
bool Fits(const Function& function, const std::vector<Type>& arguments);
Type ResultType(const Function& function, const std::vector<Type>& arguments);

// The tables.
std::vector<Function> TextFunctions();
std::vector<Function> ListFunctions();
std::vector<Function> TimeFunctions();
std::vector<Function> ConversionFunctions();
std::vector<Function> KindFunctions();
std::vector<Function> AccessFunctions();

// The variable `authorizer`, and its requestResource.
Value AuthorizerValue();
Value RequestResource(const AccessCheck& request);

// Calls a function. Errors: kInvalidArgument in CEL's words ("division by zero", "no such
// overload", …), kResourceExhausted, kCancelled.
Result<Value> CallFunction(std::string_view name, bool method, const Arguments& arguments, Meter& meter);
// Applies an operator other than && || and ?:. Errors: those of CallFunction.
Result<Value> CallOperator(std::string_view name, const Arguments& arguments, Meter& meter);

// A value as text, as string() and string.format write it. Errors: kInvalidArgument.
Result<Value> ToText(const Value& value, Meter& meter);

inline Failure Bad(std::string what) { return Fail(Code::kInvalidArgument, std::move(what)); }
inline Failure Overflow(Kind kind) {
  return Bad(kind == Kind::kUint ? "unsigned integer overflow" : "integer overflow");
}
inline Failure NoOverload() { return Bad("no such overload"); }

}  // namespace capstan::apiserver::cel
