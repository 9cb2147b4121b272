// Private to core/net, for its tests: a server that treats each connection exactly as the test
// scripts it, including protocol violations.
#pragma once

#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocketImpl.h>

#include <capstan/core/base/text.hpp>
#include <capstan/core/net/stream/channel.hpp>
#include <capstan/core/net/stream/message_reader.hpp>
#include <capstan/core/net/tls/certificate.hpp>
#include <capstan/core/net/tls/tls_context.hpp>

namespace capstan::net {

inline WallTime TestNow() { return std::chrono::system_clock::now(); }

// The server's end of one connection.
class Peer {
 public:
  Peer(Channel& channel, int fd) : channel_(channel), fd_(fd), reader_(channel) {}
  // The request line of the next request, after its body was read; "" when the client disconnected.
  std::string ReadRequest() {
    auto until = After(BootNow(), std::chrono::seconds(60));
    auto line = reader_.Line(kHeadLimit, until);
    if (!line) return "";
    std::string first(*line);
    auto fields = ReadFields(reader_, until);
    if (!fields) return "";
    headers = *fields;
    auto frame = FrameOf(headers, 1).value();
    if (frame.framing == Framing::kUntilClose) frame.framing = Framing::kNone;
    BodyReader body_reader(reader_, frame);
    body.clear();
    for (;;) {
      auto piece = body_reader.Next(until);
      if (!piece) return "";
      if (piece->empty()) return first;
      body.append(*piece);
    }
  }
  bool Send(std::string_view text) {
    return channel_.Write(text, After(BootNow(), std::chrono::seconds(60))).has_value();
  }
  // Until the client closes, or the server stops.
  void WaitUntilClosed() {
    char scrap[64];
    for (;;) {
      auto got = channel_.Read(scrap, sizeof(scrap), After(BootNow(), std::chrono::seconds(60)));
      if (!got || *got == 0) return;
    }
  }
  void Close() { channel_.Close(); }
  // Closes a plain connection; when this returns, the client's kernel has received the close.
  void CloseAndWaitUntilReceived() {
    ::shutdown(fd_, SHUT_WR);
    tcp_info info{};
    do {
      std::this_thread::yield();
      socklen_t size = sizeof(info);
      if (::getsockopt(fd_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) break;
    } while (info.tcpi_state == TCP_FIN_WAIT1);
    channel_.Close();
  }
  // When this returns, the client's kernel has received everything that was sent.
  void WaitUntilReceived() {
    tcp_info info{};
    do {
      std::this_thread::yield();
      socklen_t size = sizeof(info);
      if (::getsockopt(fd_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) break;
    } while (info.tcpi_unacked != 0);
  }
  void Cut() { channel_.Cut(); }
  Channel& channel() { return channel_; }

  http::Headers headers;
  std::string body;

 private:
  Channel& channel_;
  const int fd_;
  BufferedReader reader_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(Peer&)>;
  struct Options {
    TlsContext tls;  // null: plain
    std::string address = "127.0.0.1";
    std::function<void()> before_handshake;  // the server sends no TLS message until this returns
  };
  // Connection n runs scripts[n]; later connections run the last script.
  explicit ScriptedServer(std::vector<Script> scripts) : ScriptedServer(std::move(scripts), Options{}) {}
  ScriptedServer(std::vector<Script> scripts, Options options)
      : scripts_(std::move(scripts)),
        options_(std::move(options)),
        socket_(Poco::Net::SocketAddress(options_.address, 0), 64),
        acceptor_([this] { Accept(); }) {}
  ~ScriptedServer() {
    stop_.request_stop();
    acceptor_.join();
    for (auto& thread : threads_) thread.join();
  }
  std::uint16_t port() const { return socket_.address().port(); }
  std::string Url(const std::string& host, const std::string& path = "/") const {
    return StrCat(options_.tls ? "https://" : "http://", host, ":", port(), path);
  }
  int connections() const { return connections_; }
  int handshakes() const { return handshakes_; }
  std::stop_token stop() const { return stop_.get_token(); }

 private:
  void Accept() {
    Interrupt interrupt;
    StopLink link(interrupt, stop_.get_token());
    while (WaitFor(static_cast<int>(socket_.impl()->sockfd()), 1, interrupt, kForever) == Waited::kReady) {
      auto index = std::min(static_cast<std::size_t>(connections_++), scripts_.size() - 1);
      // A descriptor and not a Poco socket, whose reference count belongs to the thread that uses
      // the socket.
      int client = ::accept(static_cast<int>(socket_.impl()->sockfd()), nullptr, nullptr);
      threads_.emplace_back([this, index, client] {
        Run(scripts_[index], Poco::Net::StreamSocket(new Poco::Net::StreamSocketImpl(client)));
      });
    }
  }
  void Run(const Script& script, const Poco::Net::StreamSocket& client) {
    Channel channel(client, "test client");
    StopLink link(channel.interrupt(), stop_.get_token());
    if (options_.before_handshake) options_.before_handshake();
    if (options_.tls) {
      if (!channel.StartTlsAsServer(options_.tls.get(), After(BootNow(), std::chrono::seconds(60)))) {
        // The alert must arrive; closing over unread bytes would turn it into a reset.
        channel.EndAndDrain(After(BootNow(), std::chrono::seconds(60)));
        return;
      }
      ++handshakes_;
    }
    Peer peer(channel, static_cast<int>(client.impl()->sockfd()));
    script(peer);
  }

  std::vector<Script> scripts_;
  Options options_;
  Poco::Net::ServerSocket socket_;
  std::stop_source stop_;
  std::atomic<int> connections_{0}, handshakes_{0};
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// Answers every request on the connection with 200 and this body.
inline ScriptedServer::Script AlwaysAnswer(const std::string& body) {
  return [body](Peer& peer) {
    while (!peer.ReadRequest().empty())
      if (!peer.Send(StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(), "\r\n\r\n", body))) return;
  };
}
// Reads one request, answers with exactly these bytes, then closes.
inline ScriptedServer::Script AnswerAndClose(const std::string& bytes) {
  return [bytes](Peer& peer) {
    peer.ReadRequest();
    peer.Send(bytes);
    peer.Close();
  };
}

// A certificate authority and the certificates it issues.
struct TestAuthority {
  TestAuthority() {
    CertificateRequest request;
    request.common_name = "test authority";
    request.authority = true;
    request.from = TestNow() - std::chrono::hours(24 * 30);
    request.until = TestNow() + std::chrono::hours(24);
    root = IssueCertificate(request, nullptr).value();
  }
  IssuedCertificate Issue(std::vector<std::string> names, KeyKind key = KeyKind::kEcP256,
                          Duration until = std::chrono::hours(1),
                          const std::string& common_name = "test") const {
    CertificateRequest request;
    request.common_name = common_name;
    request.names = std::move(names);
    request.from = TestNow() - std::chrono::hours(24 * 7);
    request.until = TestNow() + until;
    request.key = key;
    return IssueCertificate(request, &root).value();
  }
  TlsContext ServerContext(const IssuedCertificate& certificate) const {
    return MakeServerContext(certificate.certificate_pem, certificate.key_pem).value();
  }
  // A server that requires a client certificate of this authority.
  TlsContext MutualContext(const IssuedCertificate& certificate) const {
    auto context = ServerContext(certificate);
    BIO* bio = BIO_new_mem_buf(root.certificate_pem.data(), static_cast<int>(root.certificate_pem.size()));
    X509* trusted = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), trusted);
    X509_free(trusted);
    BIO_free(bio);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    return context;
  }
  IssuedCertificate root;
};

inline Context ForSeconds(int seconds) {
  return Context{{}, After(BootNow(), std::chrono::seconds(seconds))};
}

inline http::Request Get(const std::string& url) {
  http::Request request;
  request.method = "GET";
  request.url = url;
  return request;
}
inline http::Request Post(const std::string& url, std::string body) {
  http::Request request;
  request.method = "POST";
  request.url = url;
  request.body = std::move(body);
  return request;
}

}  // namespace capstan::net
