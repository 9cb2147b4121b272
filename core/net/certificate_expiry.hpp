// Until when a certificate may be shown: so that a refusal can be told from an expiry. Pure;
// thread-safe.
#pragma once

#include <optional>
#include <string>

#include <capstan/core/base/time.hpp>

namespace capstan::net {

// The end of the first certificate of this PEM text; nothing when there is none to be read.
std::optional<WallTime> CertificateExpiry(const std::string& pem);

}  // namespace capstan::net
