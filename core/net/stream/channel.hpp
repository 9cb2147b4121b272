// Private to core/net: a connected TCP socket, with TLS on it or not, whose calls can always be
// interrupted.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <Poco/Net/StreamSocket.h>

#include <capstan/core/base/result.hpp>
#include <capstan/core/net/stream/gather.hpp>
#include <capstan/core/net/stream/wait.hpp>

namespace capstan::net {

// Where bytes come from. `until` is on the boot-time clock.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // At least one byte, or 0 at the proper end. Errors: kDeadlineExceeded, kCancelled, kUnavailable
  // (connection lost), kDataLoss (TLS ended without saying so: someone may have cut it).
  virtual Result<std::size_t> Read(char* to, std::size_t size, Instant until) = 0;
};

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, ContextDeleter>;

// One thread at a time, except interrupt().Raise(). The socket never blocks; waiting is WaitFor's.
class Channel final : public ByteSource {
 public:
  // `peer` is for messages: "10.0.0.1:443".
  Channel(const Poco::Net::StreamSocket& socket, std::string peer);
  ~Channel() override;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Errors: kUnauthenticated (the certificate was refused: the message says why), kUnavailable,
  // kDeadlineExceeded, kCancelled. `name` is verified within the handshake, so no byte of a request
  // can leave before it; empty: any.
  // On a channel that speaks TLS already (to a proxy), another TLS within it.
  Status StartTlsAsClient(SSL_CTX* context, const std::string& name, bool verify, Instant until);
  Status StartTlsAsServer(SSL_CTX* context, Instant until);

  // Who the peer's verified certificate names: common name and organizations. Empty: it showed
  // none.
  struct PeerIdentity {
    std::string name;
    std::vector<std::string> groups;
  };
  PeerIdentity Peer() const;

  Result<std::size_t> Read(char* to, std::size_t size, Instant until) override;
  // From now on reads that find nothing look again as Gather says; zero: each piece as it comes, as
  // at first. Deadlines and stops end a pause as they end any wait.
  void GatherFor(Duration pause) { gather_.Start(pause); }
  Status Write(std::string_view bytes, Instant until);

  // Bytes the kernel took since the channel was made, TLS records included.
  std::uint64_t bytes_out() const { return bytes_out_; }
  // Calls of recv since the channel was made.
  std::uint64_t looks() const { return looks_; }
  // Whether an idle connection can still be used: no end, no error and no unasked-for bytes are
  // waiting.
  bool IdleAndAlive();
  // Whether the peer has closed, as far as that shows without taking bytes away from it.
  bool PeerGone();
  // Ends our side, then throws away what still comes until the peer ends too, so that a last answer
  // is not lost in a reset. Gives up at `until`.
  void EndAndDrain(Instant until);
  // Says goodbye (TLS close_notify) without waiting, then closes.
  void Close();
  // Closes so that the peer sees a reset.
  void Cut();
  Interrupt& interrupt() { return interrupt_; }
  const std::string& peer() const { return peer_; }

 private:
  struct SslDeleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  Status Handshake(Instant until);
  // After an SSL call gave `result`: waits for what it wants, or says why it failed.
  Status AfterSsl(int result, const char* doing, Instant until);
  Status Wait(short events, const char* doing, Instant until);
  // Until a read may find something: the socket is ready, or a pause of gather_ is over.
  Status WaitToRead(const char* doing, Instant until);
  // recv, unless the socket is known to be empty. As recv: -1 and EAGAIN then.
  ssize_t Receive(char* to, std::size_t size);
  Error Lost(const char* doing, int error) const;
  void Goodbye();
  // Whether the BIO is that of the TLS within the TLS.
  static bool IsInner(BIO* bio);
  static int BioWrite(BIO* bio, const char* data, int size);
  static int BioRead(BIO* bio, char* data, int size);
  static long BioControl(BIO* bio, int command, long number, void* pointer);
  static const BIO_METHOD* Method();

  Poco::Net::StreamSocket socket_;
  int fd_;
  std::string peer_;
  Interrupt interrupt_;
  std::unique_ptr<SSL, SslDeleter> outer_;  // to a proxy; before ssl_, which goes first
  std::unique_ptr<SSL, SslDeleter> ssl_;
  std::uint64_t bytes_out_ = 0, looks_ = 0;
  Gather gather_;
  bool drained_ = false;  // the last recv took all there was; nobody waited since
  bool tcp_ended_ = false;
};

}  // namespace capstan::net
