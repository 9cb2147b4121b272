// TlsTransport is a Transport over TCP and TLS, and the only user of sockets on the client side.
// Connections are kept alive and pooled per authority. The server's name is verified inside the
// handshake (see docs/decisions); a body that ends early is kDataLoss.
#pragma once

#include <memory>
#include <string>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::net {

struct TlsOptions {
  // One or more certificates. Each is trusted by itself, including an intermediate one. Empty: the
  // system's authorities.
  std::string ca_pem;
  std::string certificate_pem;  // client certificate, chain allowed; empty: none
  Secret key_pem;               // its key: RSA, EC or Ed25519, PKCS#8, PKCS#1 or SEC1
  std::string server_name;      // verified and sent as SNI instead of the URL's host; empty: the URL's host
  bool insecure_skip_verify = false;
};

struct TlsTransportOptions {
  TlsOptions tls;
  // "http://[user:password@]host:port", or https, socks5, socks5h; empty: no proxy (see ProxyFor).
  // An https proxy's certificate is verified against the system's authorities and tls.ca_pem.
  std::string proxy_url;
  Duration connect_timeout = std::chrono::seconds(10);  // TCP and TLS together
  Duration keep_alive = std::chrono::seconds(90);       // idle connections are closed after this
  std::size_t idle_connections = 32;                    // maximum in total
  // A peer that acknowledges nothing for about this long is considered dead (TCP keepalive and
  // TCP_USER_TIMEOUT; whole seconds, at least three). A live peer can take as long as it likes to
  // respond.
  Duration dead_peer = std::chrono::seconds(30);
  // How long a stream (Open) gathers data after a piece of its body: the next read comes no sooner
  // and takes everything that arrived meanwhile, so that a burst of small events costs a hundred
  // wake-ups a second instead of one for each event. In a longer burst it is a tenth of the time
  // the burst has lasted, up to ten times this. Data that arrives after a silence is delivered
  // immediately; no event is delayed by more than that. Zero: each piece is delivered as it
  // arrives.
  Duration stream_gather = std::chrono::milliseconds(10);
  std::string user_agent = "capstan";
};

// Thread-safe. Errors of this function: kInvalidArgument (a malformed certificate or key; the
// message names which).
Result<std::unique_ptr<http::Transport>> MakeTlsTransport(TlsTransportOptions options);

// Call once in main before the first thread starts: initializes OpenSSL and Poco until the process
// ends.
void InitializeNetwork();

}  // namespace capstan::net
