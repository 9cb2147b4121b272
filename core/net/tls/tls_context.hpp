// Private to core/net: creates OpenSSL contexts from PEM text in memory. A finished context can be
// shared between threads.
#pragma once

#include <string>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/net/stream/channel.hpp>
#include <capstan/core/net/tls_transport.hpp>

namespace capstan::net {

// Errors: kInvalidArgument naming the text that is malformed or does not fit. Without a ca_pem the
// context trusts no authority until TrustSystem.
Result<TlsContext> MakeClientContext(const TlsOptions& options);
// Loads the system's authorities. This takes tens of milliseconds, so it is deferred until the
// first connection that needs them.
void TrustSystem(SSL_CTX* context);
// If `client_ca_pem` is not empty, clients can present a certificate of these authorities.
Result<TlsContext> MakeServerContext(const std::string& certificate_pem, const Secret& key_pem,
                                     const std::string& client_ca_pem = {});

}  // namespace capstan::net
