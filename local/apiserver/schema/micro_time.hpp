// Kubernetes' MicroTime among the strings of built-in kinds.
#pragma once

namespace capstan::apiserver {

// The format of such a node: a time with exactly six decimals.
inline constexpr const char* kMicroTimeFormat = "micro-time";

}  // namespace capstan::apiserver
