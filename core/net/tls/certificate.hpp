// Private to core/net: creates keys and certificates, for servers that need one immediately (the
// embedded API server, the simulated cloud) and for tests.
//
// Pure functions of their arguments and OpenSSL's random numbers; thread-safe. Keys are returned in
// a Secret, which is wiped on destruction.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::net {

enum class KeyKind { kEcP256, kRsa2048, kEd25519 };

// The content of a certificate.
struct CertificateRequest {
  std::string common_name;         // of the subject; clients verify only `names`
  std::vector<std::string> names;  // DNS names and addresses; none for an authority
  bool authority = false;          // can sign others; else for servers and clients
  WallTime from{}, until{};        // validity, both ends included
  KeyKind key = KeyKind::kEcP256;
};
struct IssuedCertificate {
  std::string certificate_pem;  // this one alone, without its issuer
  Secret key_pem;               // PKCS#8
};
// A new key and its certificate, signed by `issuer`, or self-signed if `issuer` is null. Errors:
// kInternal with OpenSSL's reason.
Result<IssuedCertificate> IssueCertificate(const CertificateRequest& request,
                                           const IssuedCertificate* issuer);

}  // namespace capstan::net
