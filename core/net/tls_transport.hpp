// TlsTransport: Transport over TCP and TLS, the only sockets of the client side. Connections are
// kept alive and pooled per authority. The server's name is verified inside the handshake (see
// docs/decisions); a body that ends early is kDataLoss.
#pragma once

#include <memory>
#include <string>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::net {

struct TlsOptions {
  // One or more certificates, each trusted as it is: also one that another vouches for. Empty: the
  // system's.
  std::string ca_pem;
  std::string certificate_pem;  // client certificate, chain allowed; empty: none
  Secret key_pem;               // its key: RSA, EC or Ed25519, PKCS#8, PKCS#1 or SEC1
  std::string server_name;      // verified and sent as SNI instead of the URL's host; empty: the URL's host
  bool insecure_skip_verify = false;
};

struct TlsTransportOptions {
  TlsOptions tls;
  // "http://[user:password@]host:port", or https, socks5, socks5h; empty: none, see ProxyFor. An
  // https proxy's certificate is verified against the system's authorities and tls.ca_pem.
  std::string proxy_url;
  Duration connect_timeout = std::chrono::seconds(10);  // TCP and TLS together
  Duration keep_alive = std::chrono::seconds(90);       // idle connections are closed after this
  std::size_t idle_connections = 32;                    // kept at most, in all
  // A peer that acknowledges nothing for about this long is gone, without a word (TCP keepalive and
  // TCP_USER_TIMEOUT; whole seconds, three at least). What it has still to say may take as long as
  // it likes.
  Duration dead_peer = std::chrono::seconds(30);
  // How long the body of a stream (Open) gathers after a piece of it: the next look at the socket
  // comes no sooner, and takes all that came meanwhile, so that a burst of small events costs a
  // hundred wake-ups a second and not one for each event. What comes after a silence of this length
  // is handed out at once; an event is never later by more than this. Zero: each piece as it comes.
  Duration stream_gather = std::chrono::milliseconds(10);
  std::string user_agent = "capstan";
};

// Thread-safe. Errors of making it: kInvalidArgument (a malformed certificate or key, naming
// which).
Result<std::unique_ptr<http::Transport>> MakeTlsTransport(TlsTransportOptions options);

// Call once in main before the first thread: OpenSSL and Poco set themselves up. Ends with the
// process.
void InitializeNetwork();

}  // namespace capstan::net
