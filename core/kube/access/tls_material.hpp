// TlsMaterial is what connections to a cluster are made with: whom they trust and whom they show. A
// value.
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
