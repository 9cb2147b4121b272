// Estimates the maximum cost of an expression from its schema: Kubernetes refuses CRDs whose rules
// could cost too much. For the cel files only. Pure; thread-safe.
//
// The figures are those of Kubernetes 1.36, even where they are debatable, so that both servers
// accept and refuse the same CRDs.
#pragma once

#include <cstdint>

#include <capstan/local/apiserver/schema/cel/types.hpp>

namespace capstan::apiserver::cel {

// `types` has the result of CheckCel for each part of `expression`; `self` is the schema that the
// rule belongs to; `root` says whether that is a whole resource.
std::uint64_t EstimateCost(const Expression& expression, const TypesOf& types, const SchemaNode& self,
                           bool root);

}  // namespace capstan::apiserver::cel
