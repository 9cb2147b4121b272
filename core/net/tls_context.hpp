// Private to core/net: OpenSSL contexts out of PEM text in memory.
#pragma once

#include <string>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/net/channel.hpp>
#include <capstan/core/net/tls_transport.hpp>

namespace capstan::net {

// Errors: kInvalidArgument naming which of the texts is malformed or does not fit.
Result<TlsContext> MakeClientContext(const TlsOptions& options);
Result<TlsContext> MakeServerContext(const std::string& certificate_pem, const Secret& key_pem);

}  // namespace capstan::net
