// The types that Kubernetes adds to CEL: URLs, addresses, quantities, versions, formats. For the
// cel files only. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/local/apiserver/schema/cel/functions.hpp>
#include <capstan/local/apiserver/schema/cel/value.hpp>

namespace capstan::apiserver::cel {

// -1, 0 or 1 as `a` is less than, equal to or greater than `b`.
template <class T>
int ThreeWay(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}
// Compares two quantities or two semantic versions; nullopt for anything else.
std::optional<int> OrderOfKinds(const Value& a, const Value& b);
int OrderOfQuantities(const Value& a, const Value& b);
int OrderOfVersions(const Value& a, const Value& b);
// Whether url() accepts the text: an absolute URI or an absolute path.
bool IsUrlText(std::string_view text);
// The text of a kIp or kCidr: "1.2.3.4", "2001:db8::/32".
std::string AddressText(const Value& address);

// The parts of KindFunctions.
std::vector<Function> AddressFunctions();
std::vector<Function> QuantityFunctions();
std::vector<Function> VersionFunctions();
std::vector<Function> UrlFunctions();
std::vector<Function> FormatFunctions();

}  // namespace capstan::apiserver::cel
