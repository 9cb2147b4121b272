// What CEL's operators and functions do. For the cel files only. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/local/apiserver/schema/cel/value.hpp>

namespace capstan::apiserver::cel {

// Calls a function or a binary or unary operator, other than && || and ?:. `cost` goes down by what long
// texts and lists cost. Errors: kInvalidArgument in CEL's words ("division by zero", "no such
// overload", …), kResourceExhausted.
Result<Value> CallFunction(const std::string& name, const std::vector<Value>& arguments, std::int64_t& cost);

}  // namespace capstan::apiserver::cel
