#include <capstan/core/net/stream/channel.hpp>

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>

#include <Poco/Net/IPAddress.h>

#include <capstan/core/base/text.hpp>

namespace capstan::net {
namespace {

std::string OpensslReason() {
  unsigned long code = ERR_peek_last_error();
  const char* text = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return text != nullptr ? text : "no reason given";
}

// TLS alerts by which a server reports that the client certificate is missing or rejected.
bool IsCertificateAlert(unsigned long code) {
  switch (ERR_GET_REASON(code)) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_SSLV3_ALERT_NO_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
      return true;
    default:
      return false;
  }
}

}  // namespace

Channel::Channel(const Poco::Net::StreamSocket& socket, std::string peer)
    : socket_(socket), fd_(static_cast<int>(socket_.impl()->sockfd())), peer_(std::move(peer)) {
  socket_.setBlocking(false);
}

Channel::~Channel() { Close(); }

int Channel::BioWrite(BIO* bio, const char* data, int size) {
  auto* channel = static_cast<Channel*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (IsInner(bio)) {
    const int put = SSL_write(channel->outer_.get(), data, size);
    const int wants = put > 0 ? SSL_ERROR_NONE : SSL_get_error(channel->outer_.get(), put);
    if (wants == SSL_ERROR_WANT_WRITE) BIO_set_retry_write(bio);
    if (wants == SSL_ERROR_WANT_READ) BIO_set_retry_read(bio);
    return put;
  }
  auto sent = ::send(channel->fd_, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  if (sent > 0) channel->bytes_out_ += static_cast<std::uint64_t>(sent);
  return static_cast<int>(sent);
}

int Channel::BioRead(BIO* bio, char* data, int size) {
  auto* channel = static_cast<Channel*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (IsInner(bio)) {
    const int got = SSL_read(channel->outer_.get(), data, size);
    const int wants = got > 0 ? SSL_ERROR_NONE : SSL_get_error(channel->outer_.get(), got);
    if (wants == SSL_ERROR_WANT_READ) BIO_set_retry_read(bio);
    if (wants == SSL_ERROR_WANT_WRITE) BIO_set_retry_write(bio);
    if (wants == SSL_ERROR_ZERO_RETURN) channel->tcp_ended_ = true;
    return got;
  }
  const ssize_t got = channel->own_read_ahead_ || !channel->ahead_.empty()
                          ? channel->ReceiveAhead(data, static_cast<std::size_t>(size))
                          : channel->Receive(data, static_cast<std::size_t>(size));
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  if (got == 0) channel->tcp_ended_ = true;
  return static_cast<int>(got);
}

long Channel::BioControl(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return static_cast<Channel*>(BIO_get_data(bio))->tcp_ended_ ? 1 : 0;
  return 0;
}

bool Channel::IsInner(BIO* bio) {
  const auto* channel = static_cast<Channel*>(BIO_get_data(bio));
  return channel->outer_ && SSL_get_rbio(channel->outer_.get()) != bio;
}

// Our own BIO instead of OpenSSL's socket BIO, which writes without MSG_NOSIGNAL: a SIGPIPE would
// end a program that does not handle it. It also counts the bytes that were really sent.
const BIO_METHOD* Channel::Method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "capstan channel");
    BIO_meth_set_write(made, &Channel::BioWrite);
    BIO_meth_set_read(made, &Channel::BioRead);
    BIO_meth_set_ctrl(made, &Channel::BioControl);
    return made;
  }();
  return method;
}

Error Channel::Lost(const char* doing, int error) const {
  return MakeError(Code::kUnavailable, StrCat("connection to ", peer_, " lost while ", doing, ": ",
                                              error != 0 ? std::system_category().message(error)
                                                         : std::string("closed by the other side")));
}

// One call of recv per wait, without a second one that finds nothing: a socket that returned less
// than requested is empty, and the next wait notices new data.
ssize_t Channel::Receive(char* to, std::size_t size) {
  if (drained_) {
    errno = EAGAIN;
    return -1;
  }
  ++receives_;
  const ssize_t got = ::recv(fd_, to, size, 0);
  drained_ = got < 0 ? errno == EAGAIN : got > 0 && static_cast<std::size_t>(got) < size;
  if (got > 0 && gather_.enabled()) gather_.Received(static_cast<std::size_t>(got), BootNow());
  return got;
}

ssize_t Channel::ReceiveAhead(char* to, std::size_t size) {
  if (ahead_.empty()) {
    if (drained_) return Receive(to, size);  // says so, and needs no room
    const std::span<char> room = ahead_.Room();
    const ssize_t got = Receive(room.data(), room.size());
    if (got <= 0) {
      const int error = errno;
      ahead_.Release();
      errno = error;
      return got;
    }
    ahead_.Received(static_cast<std::size_t>(got));
  }
  return static_cast<ssize_t>(ahead_.Take(to, size));
}

// OpenSSL reads ahead into the buffer it decrypts in, which saves a copy, but moves all bytes that
// it holds to the front for each record: a stream of many small records holds many.
void Channel::ReadAheadOurselves(bool ourselves) {
  own_read_ahead_ = ourselves;
  SSL_set_read_ahead(ssl_.get(), ourselves ? 0 : 1);
}

void Channel::GatherFor(Duration pause) {
  gather_.Start(pause);
  if (ssl_) ReadAheadOurselves(gather_.enabled());
}

// Otherwise OpenSSL goes through its whole record layer to say that it needs more bytes.
bool Channel::NothingCame() const {
  return drained_ && !outer_ && ahead_.empty() && SSL_has_pending(ssl_.get()) == 0;
}

Status Channel::WaitToRead(const char* doing, Instant until) {
  drained_ = false;
  if (gather_.enabled()) {
    if (gather_.ReadsOn()) return {};
    const Instant now = BootNow();
    const Instant look = gather_.NextRead(now);
    // Sleeps without watching the socket, so that arriving data causes no wake-up.
    if (look > now && WaitFor(-1, 0, interrupt_, std::min(look, until)) == Waited::kTime && look <= until)
      return {};
  }
  return Wait(POLLIN, doing, until);
}

Status Channel::Wait(short events, const char* doing, Instant until) {
  switch (WaitFor(fd_, events, interrupt_, until)) {
    case Waited::kReady:
      return {};
    case Waited::kStopped:
      return Fail(Code::kCancelled, StrCat("stopped while ", doing, " ", peer_));
    case Waited::kTime:
      break;
  }
  return Fail(Code::kDeadlineExceeded, StrCat("no answer in time while ", doing, " ", peer_));
}

Status Channel::AfterSsl(int result, const char* doing, Instant until) {
  int system_error = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return WaitToRead(doing, until);
    case SSL_ERROR_WANT_WRITE:
      return Wait(POLLOUT, doing, until);
    case SSL_ERROR_SYSCALL:
      return Fail(Lost(doing, tcp_ended_ ? 0 : system_error));
    default:
      break;
  }
  unsigned long code = ERR_peek_last_error();
  if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    return Fail(Code::kDataLoss,
                StrCat("connection to ", peer_, " was cut while ", doing, ": TLS did not end properly"));
  if (IsCertificateAlert(code))
    return Fail(Code::kUnauthenticated, StrCat(peer_, " refused our TLS credentials (", OpensslReason(),
                                               "): check the client certificate and key"));
  return Fail(Code::kUnavailable, StrCat("TLS with ", peer_, " failed while ", doing, ": ", OpensslReason()));
}

Status Channel::Handshake(Instant until) {
  for (;;) {
    ERR_clear_error();
    int result = SSL_do_handshake(ssl_.get());
    if (result == 1) return {};
    long refused = SSL_get_verify_result(ssl_.get());
    if (refused != X509_V_OK && SSL_get_error(ssl_.get(), result) == SSL_ERROR_SSL)
      return Fail(Code::kUnauthenticated, StrCat("the certificate of ", peer_,
                                                 " was refused: ", X509_verify_cert_error_string(refused)));
    auto status = AfterSsl(result, "shaking hands with", until);
    if (!status && status.error().code == Code::kDataLoss) {
      auto error = Lost("shaking hands with", 0);
      return Fail(std::move(error));
    }
    CAPSTAN_RETURN_IF_ERROR(status);
  }
}

Status Channel::StartTlsAsClient(SSL_CTX* context, const std::string& name, bool verify, Instant until) {
  if (ssl_) outer_ = std::move(ssl_);
  ssl_.reset(SSL_new(context));
  BIO* bio = BIO_new(Method());
  if (!ssl_ || bio == nullptr) return Fail(Code::kUnavailable, "TLS has no memory for another connection");
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  Poco::Net::IPAddress address;
  bool is_address = Poco::Net::IPAddress::tryParse(name, address);
  if (!is_address) SSL_set_tlsext_host_name(ssl_.get(), name.c_str());
  if (verify) {
    // A common name is not an identity, and "*.example.org" must not match part of a label.
    auto* parameters = SSL_get0_param(ssl_.get());
    X509_VERIFY_PARAM_set_hostflags(
        parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    int pinned = is_address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str())
                            : X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size());
    if (pinned != 1 || name.empty())
      return Fail(Code::kInvalidArgument,
                  StrCat("'", name, "' is not a name a certificate can be checked for"));
    SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, nullptr);
  } else {
    SSL_set_verify(ssl_.get(), SSL_VERIFY_NONE, nullptr);
  }
  SSL_set_connect_state(ssl_.get());
  ReadAheadOurselves(false);
  return Handshake(until);
}

namespace {

std::vector<std::string> EntriesOf(X509_NAME* subject, int what) {
  std::vector<std::string> entries;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, what, at)) >= 0;) {
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size < 0) continue;
    entries.emplace_back(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
  }
  return entries;
}

}  // namespace

Channel::PeerIdentity Channel::Peer() const {
  PeerIdentity peer;
  X509* certificate = ssl_ ? SSL_get1_peer_certificate(ssl_.get()) : nullptr;
  if (!certificate) return peer;
  if (SSL_get_verify_result(ssl_.get()) == X509_V_OK) {
    X509_NAME* subject = X509_get_subject_name(certificate);
    const auto names = EntriesOf(subject, NID_commonName);
    if (!names.empty()) peer.name = names.front();
    peer.groups = EntriesOf(subject, NID_organizationName);
  }
  X509_free(certificate);
  return peer;
}

Status Channel::StartTlsAsServer(SSL_CTX* context, Instant until) {
  if (ssl_) outer_ = std::move(ssl_);
  ssl_.reset(SSL_new(context));
  BIO* bio = BIO_new(Method());
  if (!ssl_ || bio == nullptr) return Fail(Code::kUnavailable, "TLS has no memory for another connection");
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
  return Handshake(until);
}

Result<std::size_t> Channel::Read(char* to, std::size_t size, Instant until) {
  int limit = static_cast<int>(std::min<std::size_t>(size, INT_MAX));
  for (;;) {
    if (ssl_) {
      if (NothingCame()) CAPSTAN_RETURN_IF_ERROR(WaitToRead("reading from", until));
      ERR_clear_error();
      int got = SSL_read(ssl_.get(), to, limit);
      if (got > 0) return static_cast<std::size_t>(got);
      if (SSL_get_error(ssl_.get(), got) == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
      CAPSTAN_RETURN_IF_ERROR(AfterSsl(got, "reading from", until));
    } else {
      const ssize_t got = Receive(to, size);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EAGAIN && errno != EINTR) return Fail(Lost("reading from", errno));
      CAPSTAN_RETURN_IF_ERROR(WaitToRead("reading from", until));
    }
  }
}

Status Channel::Write(std::string_view bytes, Instant until) {
  while (!bytes.empty()) {
    std::size_t taken = 0;
    if (ssl_) {
      ERR_clear_error();
      int put =
          SSL_write(ssl_.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20)));
      if (put > 0) {
        taken = static_cast<std::size_t>(put);
      } else {
        CAPSTAN_RETURN_IF_ERROR(AfterSsl(put, "writing to", until));
      }
    } else {
      auto put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put >= 0) {
        taken = static_cast<std::size_t>(put);
        bytes_out_ += taken;
      } else {
        if (errno != EAGAIN && errno != EINTR) return Fail(Lost("writing to", errno));
        CAPSTAN_RETURN_IF_ERROR(Wait(POLLOUT, "writing to", until));
      }
    }
    bytes.remove_prefix(taken);
  }
  return {};
}

bool Channel::IdleAndAlive() {
  pollfd one{fd_, POLLIN | POLLRDHUP, 0};
  int ready = ::poll(&one, 1, 0);
  const bool nothing_held = ahead_.empty() && (!ssl_ || SSL_has_pending(ssl_.get()) == 0) &&
                            (!outer_ || SSL_has_pending(outer_.get()) == 0);
  if (ready == 0 && nothing_held) return true;
  if (ready < 0 || !ssl_ || (one.revents & (POLLERR | POLLHUP | POLLRDHUP)) != 0) return false;
  // The data may be a TLS session ticket, which is no reason to discard the connection; so may data
  // that was read ahead.
  char byte = 0;
  drained_ = false;
  ERR_clear_error();
  int got = SSL_peek(ssl_.get(), &byte, 1);
  bool alive = got <= 0 && SSL_get_error(ssl_.get(), got) == SSL_ERROR_WANT_READ;
  ERR_clear_error();
  return alive;
}

bool Channel::PeerGone() {
  pollfd one{fd_, POLLRDHUP, 0};
  return ::poll(&one, 1, 0) != 0;
}

void Channel::EndAndDrain(Instant until) {
  Goodbye();
  ::shutdown(fd_, SHUT_WR);
  char scrap[16384];
  for (;;) {
    auto got = ::recv(fd_, scrap, sizeof(scrap), 0);
    if (got > 0 && BootNow() < until) continue;
    if (got >= 0 || (errno != EAGAIN && errno != EINTR) || !Wait(POLLIN, "closing", until)) return;
  }
}

void Channel::Goodbye() {
  for (SSL* ssl : {ssl_.get(), outer_.get()}) {
    if (ssl == nullptr || !SSL_is_init_finished(ssl)) continue;
    ERR_clear_error();
    SSL_shutdown(ssl);
    ERR_clear_error();
  }
}

void Channel::Close() {
  if (fd_ < 0) return;
  Goodbye();
  ssl_.reset();
  outer_.reset();
  socket_.close();
  fd_ = -1;
}

void Channel::Cut() {
  if (fd_ < 0) return;
  linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  ssl_.reset();
  outer_.reset();
  socket_.close();
  fd_ = -1;
}

}  // namespace capstan::net
