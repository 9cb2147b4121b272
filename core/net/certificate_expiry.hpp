// When a certificate expires, so that a message can tell an expiry from another refusal. Pure;
// thread-safe.
#pragma once

#include <optional>
#include <string>

#include <capstan/core/base/time.hpp>

namespace capstan::net {

// The end of the first certificate of this PEM text; nothing when there is none to be read.
std::optional<WallTime> CertificateExpiry(const std::string& pem);

}  // namespace capstan::net
