// Reads when a certificate expires, so that an error message can distinguish an expired certificate
// from other causes of a refusal. Pure; thread-safe.
#pragma once

#include <optional>
#include <string>

#include <capstan/core/base/time.hpp>

namespace capstan::net {

// The end of validity (notAfter) of the first certificate in this PEM text; nothing if the text
// contains no readable certificate.
std::optional<WallTime> CertificateExpiry(const std::string& pem);

}  // namespace capstan::net
