// Amounts as Kubernetes writes them: "1500m", "2Gi", "1e3". Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace capstan::apiserver {

bool IsQuantity(std::string_view text);
// The one form in which Kubernetes stores an amount: "1000m" is "1", "1024Mi" is "1Gi", "1000" is "1k".
// What is no amount, and what has more than 18 digits, stays as it is.
std::string CanonicalQuantity(std::string_view text);

}  // namespace capstan::apiserver
