// Behaviour of single built-in kinds beyond the general rules and those of the tables
// (schema/kinds/). Pure; thread-safe.
#pragma once

#include <string_view>

#include <capstan/local/apiserver/catalog/resource.hpp>

namespace capstan::apiserver {

inline constexpr const char* kImmutable = "field is immutable";

Strategy StrategyOf(std::string_view group, std::string_view kind);

// The strategies of each source file; empty for other kinds.
Strategy PodStrategy(std::string_view group, std::string_view kind);
Strategy WorkloadStrategy(std::string_view group, std::string_view kind);
Strategy JobStrategy(std::string_view group, std::string_view kind);
Strategy ServiceStrategy(std::string_view group, std::string_view kind);
Strategy StorageStrategy(std::string_view group, std::string_view kind);
Strategy ScalingStrategy(std::string_view group, std::string_view kind);
Strategy ClusterStrategy(std::string_view group, std::string_view kind);
Strategy RbacStrategy(std::string_view kind);
// Of events, which two groups show.
Strategy EventStrategy(std::string_view group);

}  // namespace capstan::apiserver
