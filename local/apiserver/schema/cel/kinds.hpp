// The kinds of values that Kubernetes adds to CEL: URLs, addresses, quantities, versions, formats.
// For the cel files only. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>

#include <capstan/local/apiserver/schema/cel/value.hpp>

namespace capstan::apiserver::cel {

// Order of two quantities or two semantic versions; nothing of anything else.
std::optional<int> OrderOfKinds(const Value& a, const Value& b);
// A kIp or kCidr as it is written: "1.2.3.4", "2001:db8::/32".
std::string AddressText(const Value& address);

}  // namespace capstan::apiserver::cel
