// Private to core/net: a connected TCP socket with or without TLS. Every blocking call can be
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
#include <capstan/core/net/stream/read_ahead.hpp>
#include <capstan/core/net/stream/wait.hpp>

namespace capstan::net {

// Where bytes come from. `until` is on the boot-time clock.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // At least one byte, or 0 at the proper end. Errors: kDeadlineExceeded, kCancelled, kUnavailable
  // (connection lost), kDataLoss (TLS ended without close_notify: the data may have been
  // truncated).
  virtual Result<std::size_t> Read(char* to, std::size_t size, Instant until) = 0;
};

struct ContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, ContextDeleter>;

// One thread at a time, except interrupt().Raise(). The socket is non-blocking; WaitFor does the
// waiting.
class Channel final : public ByteSource {
 public:
  // `peer` is for messages: "10.0.0.1:443".
  Channel(const Poco::Net::StreamSocket& socket, std::string peer);
  ~Channel() override;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Errors: kUnauthenticated (the certificate was refused; the message says why), kUnavailable,
  // kDeadlineExceeded, kCancelled. `name` is verified within the handshake, so no byte of a request
  // can be sent before that; empty: any name.
  // On a channel that already speaks TLS (to a proxy), starts a second TLS session inside the
  // first.
  Status StartTlsAsClient(SSL_CTX* context, const std::string& name, bool verify, Instant until);
  Status StartTlsAsServer(SSL_CTX* context, Instant until);

  // The identity in the peer's verified certificate: common name and organizations. Empty: no
  // certificate.
  struct PeerIdentity {
    std::string name;
    std::vector<std::string> groups;
  };
  PeerIdentity Peer() const;

  Result<std::size_t> Read(char* to, std::size_t size, Instant until) override;
  // From this call on, reads that find nothing wait before they poll again, as described in Gather;
  // zero (the default): each piece is delivered as it arrives. Deadlines and stops end this pause
  // like any other wait.
  void GatherFor(Duration pause);
  Status Write(std::string_view bytes, Instant until);

  // Bytes that the kernel accepted since construction, TLS records included.
  std::uint64_t bytes_out() const { return bytes_out_; }
  // Calls of recv since construction.
  std::uint64_t receives() const { return receives_; }
  // Whether an idle connection is still usable: no end, error or unsolicited bytes are pending.
  bool IdleAndAlive();
  // Whether the peer has closed, as far as this is visible without consuming bytes.
  bool PeerGone();
  // Ends our side, then discards incoming bytes until the peer ends too, so that a final response
  // is not lost in a reset. Gives up at `until`.
  void EndAndDrain(Instant until);
  // Sends TLS close_notify without waiting for the peer's, then closes.
  void Close();
  // Closes with a reset.
  void Cut();
  Interrupt& interrupt() { return interrupt_; }
  // To wait for several channels at the same time; -1 once it is closed.
  int fd() const { return fd_; }
  // The caller saw that the socket is ready: the next Read need not wait for it.
  void KnownReady() { drained_ = false; }
  const std::string& peer() const { return peer_; }

 private:
  struct SslDeleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  Status Handshake(Instant until);
  // Handles `result` of an SSL call: waits for what the call needs, or reports why it failed.
  Status AfterSsl(int result, const char* doing, Instant until);
  Status Wait(short events, const char* doing, Instant until);
  // Who keeps bytes of TLS records that were received early: ahead_, or OpenSSL.
  void ReadAheadOurselves(bool ourselves);
  // Whether no byte is at hand and the socket is known to be empty.
  bool NothingCame() const;
  // Waits until a read may find something: the socket is ready, or a pause of gather_ is over.
  Status WaitToRead(const char* doing, Instant until);
  // Calls recv unless the socket is known to be empty; then returns -1 and EAGAIN, like recv.
  ssize_t Receive(char* to, std::size_t size);
  // The same through ahead_, for TLS.
  ssize_t ReceiveAhead(char* to, std::size_t size);
  Error Lost(const char* doing, int error) const;
  void Goodbye();
  // Whether the BIO belongs to the inner of two TLS sessions.
  static bool IsInner(BIO* bio);
  static int BioWrite(BIO* bio, const char* data, int size);
  static int BioRead(BIO* bio, char* data, int size);
  static long BioControl(BIO* bio, int command, long number, void* pointer);
  static const BIO_METHOD* Method();

  Poco::Net::StreamSocket socket_;
  int fd_;
  std::string peer_;
  Interrupt interrupt_;
  // to a proxy; declared before ssl_, which is destroyed first
  std::unique_ptr<SSL, SslDeleter> outer_;
  std::unique_ptr<SSL, SslDeleter> ssl_;
  std::uint64_t bytes_out_ = 0, receives_ = 0;
  Gather gather_;
  ReadAhead ahead_;
  bool own_read_ahead_ = true;
  bool drained_ = false;  // the last recv emptied the socket, and nothing waited since
  bool tcp_ended_ = false;
};

}  // namespace capstan::net
