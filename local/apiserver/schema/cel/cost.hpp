// What an expression can cost at most, by its schema: Kubernetes refuses CRDs whose rules may cost
// too much. For the cel files only. Pure; thread-safe.
//
// The figures are those of Kubernetes 1.36, also where one would count otherwise: a CRD is judged
// alike.
#pragma once

#include <cstdint>

#include <capstan/local/apiserver/schema/cel/types.hpp>

namespace capstan::apiserver::cel {

// `types` says of each part of `expression` what CheckCel found; `self` is the schema that the rule
// stands on, `root` whether that is a whole resource.
std::uint64_t EstimateCost(const Expression& expression, const TypesOf& types, const SchemaNode& self,
                           bool root);

}  // namespace capstan::apiserver::cel
