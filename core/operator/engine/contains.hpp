// Whether an object on the server contains everything that a desired object sets. Pure;
// thread-safe.
#pragma once

#include <capstan/core/base/json.hpp>

namespace capstan {

// Objects are compared field by field, so additions of the server and of others do not count; lists
// whose elements have names, by name; other lists element by element, with the length of `wanted`;
// numbers by value.
bool Contains(const Json& there, const Json& wanted);

}  // namespace capstan
