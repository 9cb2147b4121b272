// The syntax tree of a CEL expression. For the cel files only. Values; thread-safe once built.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/local/apiserver/schema/cel/value.hpp>

namespace capstan::apiserver::cel {

struct Expression {
  enum class Kind {
    kLiteral,       // value
    kName,          // name
    kSelect,        // parts[0].name; test: has(); optional: parts[0].?name
    kIndex,         // parts[0][parts[1]]; optional: parts[0][?parts[1]]
    kCall,          // name(parts); method: parts[0] is the receiver
    kOperator,      // an operator, named as CEL names it: "_+_", "!_", "@in", "_?_:_"
    kList,          // [parts]
    kMap,           // {parts[0]: parts[1], …}
    kOptionalItem,  // ?parts[0] in a list or as a value of a map: omitted when it is none
    kLoop,          // parts[0].name(variable[, second], parts[1][, parts[2]]): all, exists, map, filter, …
  };
  Kind kind = Kind::kLiteral;
  std::size_t at = 0;  // byte offset in the source for messages
  std::string name;
  std::string variable;
  // Of loops with an index or key: `variable` is the index or key, this the item.
  std::string second;
  Value value;
  bool test = false;
  bool optional = false;
  bool method = false;
  std::vector<std::shared_ptr<Expression>> parts;
};

using Node = Expression::Kind;

// "ERROR: <input>:LINE:COLUMN: WHAT", then the source line and a marker below it, as CEL's compiler
// prints it.
std::string ErrorAt(std::string_view source, std::size_t at, std::string_view what);

// Errors: kInvalidArgument, formatted by ErrorAt; also for sources that are too long or nested too
// deeply.
Result<std::shared_ptr<Expression>> ParseCel(std::string_view source);

}  // namespace capstan::apiserver::cel
