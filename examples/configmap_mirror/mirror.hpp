// An operator that mirrors ConfigMaps into other namespaces.
#pragma once

#include <capstan/operator.hpp>

namespace example {

// Adds its controller to an operator.
void Configure(capstan::Operator& all);

}  // namespace example
