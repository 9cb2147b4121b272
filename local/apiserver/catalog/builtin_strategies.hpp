// What single built-in kinds do beyond the rules that hold for all and those of the tables
// (schema/kinds/). Pure; thread-safe.
#pragma once

#include <string_view>

#include <capstan/local/apiserver/catalog/resource.hpp>

namespace capstan::apiserver {

inline constexpr const char* kImmutable = "field is immutable";

Strategy StrategyOf(std::string_view group, std::string_view kind);

// Of the kinds that run things, store things and let things through; empty for others.
Strategy WorkloadStrategy(std::string_view group, std::string_view kind);
// Of the kinds that join a cluster together; empty for others.
Strategy ClusterStrategy(std::string_view group, std::string_view kind);
Strategy RbacStrategy(std::string_view kind);

}  // namespace capstan::apiserver
