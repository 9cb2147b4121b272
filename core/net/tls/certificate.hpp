// Private to core/net: making keys and certificates, for servers that need one at once and for
// tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::net {

enum class KeyKind { kEcP256, kRsa2048, kEd25519 };

struct CertificateRequest {
  std::string common_name;
  std::vector<std::string> names;  // DNS names and addresses; none for an authority
  bool authority = false;
  WallTime from{}, until{};
  KeyKind key = KeyKind::kEcP256;
};
struct IssuedCertificate {
  std::string certificate_pem;
  Secret key_pem;  // PKCS#8
};
// Signed by `issuer`, or by itself when that is null. Errors: kInternal with OpenSSL's reason.
Result<IssuedCertificate> IssueCertificate(const CertificateRequest& request,
                                           const IssuedCertificate* issuer);

}  // namespace capstan::net
