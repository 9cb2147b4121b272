// Amounts as Kubernetes writes them: "1500m", "2Gi", "1e3". Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace capstan::apiserver {

bool IsQuantity(std::string_view text);
// The one form in which Kubernetes stores an amount: "1000m" is "1", "1024Mi" is "1Gi", "1000" is
// "1k". What is no amount, and what has more than 18 digits, stays as it is.
std::string CanonicalQuantity(std::string_view text);
// Below 0, 0 or above 0 as `a` is less than, equal to or more than `b`; by doubles where they have
// many digits. What is no amount counts as 0.
int CompareQuantities(std::string_view a, std::string_view b);
// Their sum, written in the way of `a`; where it has too many digits, the larger of both.
std::string AddQuantities(std::string_view a, std::string_view b);
bool IsWholeQuantity(std::string_view text);

}  // namespace capstan::apiserver
