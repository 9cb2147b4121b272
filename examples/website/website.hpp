// The operator that serves Websites. The kind in C++ is website_types.hpp, generated from crd.yaml.
#pragma once

#include <capstan/operator.hpp>

#include "website_types.hpp"

namespace example {

// Adds the controller of Websites to an operator.
void Configure(capstan::Operator& all);

}  // namespace example
