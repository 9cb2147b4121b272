// Private to core/net: OpenSSL contexts out of PEM text in memory. A context may be shared between
// threads once it is made.
#pragma once

#include <string>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/net/stream/channel.hpp>
#include <capstan/core/net/tls_transport.hpp>

namespace capstan::net {

// Errors: kInvalidArgument naming which of the texts is malformed or does not fit. Without a ca_pem
// it trusts nobody until TrustSystem.
Result<TlsContext> MakeClientContext(const TlsOptions& options);
// Reads the system's authorities, which takes tens of milliseconds: left until the first connection
// that needs them.
void TrustSystem(SSL_CTX* context);
// `client_ca_pem` not empty: clients may show a certificate of these authorities.
Result<TlsContext> MakeServerContext(const std::string& certificate_pem, const Secret& key_pem,
                                     const std::string& client_ca_pem = {});

}  // namespace capstan::net
