// The kinds of values that Kubernetes adds to CEL: URLs, addresses, quantities, versions, formats.
// For the cel files only. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/local/apiserver/schema/cel/functions.hpp>
#include <capstan/local/apiserver/schema/cel/value.hpp>

namespace capstan::apiserver::cel {

// -1, 0 or 1: a before, like or after b.
template <class T>
int ThreeWay(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}
// Order of two quantities or two semantic versions; nothing of anything else.
std::optional<int> OrderOfKinds(const Value& a, const Value& b);
int OrderOfQuantities(const Value& a, const Value& b);
int OrderOfVersions(const Value& a, const Value& b);
// Whether url() takes it: an absolute URI or an absolute path.
bool IsUrlText(std::string_view text);
// A kIp or kCidr as it is written: "1.2.3.4", "2001:db8::/32".
std::string AddressText(const Value& address);

// The parts of KindFunctions.
std::vector<Function> AddressFunctions();
std::vector<Function> QuantityFunctions();
std::vector<Function> VersionFunctions();
std::vector<Function> UrlFunctions();
std::vector<Function> FormatFunctions();

}  // namespace capstan::apiserver::cel
