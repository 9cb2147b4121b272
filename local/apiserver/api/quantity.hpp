// Kubernetes quantities: "1500m", "2Gi", "1e3". Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace capstan::apiserver {

bool IsQuantity(std::string_view text);
// The canonical form in which Kubernetes stores a quantity: "1000m" becomes "1", "1024Mi" becomes
// "1Gi", "1000" becomes "1k". A text that is no quantity, or has more than 18 digits, is returned
// unchanged.
std::string CanonicalQuantity(std::string_view text);
// Negative, 0 or positive as `a` is less than, equal to or greater than `b`. Compares doubles when
// there are many digits. A text that is no quantity counts as 0.
int CompareQuantities(std::string_view a, std::string_view b);
// The sum in the format of `a`; the larger of the two when it would have too many digits.
std::string AddQuantities(std::string_view a, std::string_view b);
bool IsWholeQuantity(std::string_view text);

}  // namespace capstan::apiserver
