// Whether an object on the server has everything that a desired object asks for. Pure.
#pragma once

#include <capstan/core/base/json.hpp>

namespace capstan {

// Objects by field, so that what the server and others add does not count. Lists whose elements
// have names by those; other lists element by element, and as long as `wanted`. Numbers by value.
bool Contains(const Json& there, const Json& wanted);

}  // namespace capstan
