// The operator for Websites. website_types.hpp, generated from crd.yaml, contains the C++ types of
// the kind.
#pragma once

#include <capstan/operator.hpp>

#include "website_types.hpp"

namespace example {

// Adds the controller of Websites to an operator.
void Configure(capstan::Operator& all);

}  // namespace example
