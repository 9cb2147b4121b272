// TlsMaterial is the input for TLS connections to a cluster: the trusted authorities and the client
// certificate. A value.
#pragma once

#include <string>

#include <capstan/core/base/secret.hpp>

namespace capstan::kube {

struct TlsMaterial {
  std::string ca_pem;           // empty: the system's authorities
  std::string certificate_pem;  // client certificate; empty: none
  Secret key_pem;

  friend bool operator==(const TlsMaterial& a, const TlsMaterial& b) {
    return a.ca_pem == b.ca_pem && a.certificate_pem == b.certificate_pem && a.key_pem == b.key_pem;
  }
};

}  // namespace capstan::kube
