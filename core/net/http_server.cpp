#include <capstan/core/net/http_server.hpp>

#include <map>
#include <utility>

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnection.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/Net/TCPServerParams.h>
#include <Poco/ThreadPool.h>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/net/server/connection_table.hpp>
#include <capstan/core/net/server/server_connection.hpp>
#include <capstan/core/net/tls/tls_context.hpp>

namespace capstan::net {
namespace {

// Threads beyond max_connections: for clients that arrive before the evicted ones have left, and
// for sending 503.
constexpr int kRefusers = 16;

// Uses Poco's accept loop and threads, but our own HTTP: Poco's request streams do not distinguish
// a truncated body from a complete one, and its server leaves connections hanging when it has no
// thread for them.
class PocoConnection final : public Poco::Net::TCPServerConnection {
 public:
  PocoConnection(const Poco::Net::StreamSocket& socket, Instant accepted, const Serving& serving,
                 ConnectionTable& table)
      : TCPServerConnection(socket), accepted_(accepted), serving_(serving), table_(table) {}

  void run() override {
    Seat seat(table_, serving_.stop, accepted_, BootNow());
    try {
      socket().setNoDelay(true);
      Channel channel(socket(), socket().peerAddress().toString());
      ServerConnection connection(serving_, channel, seat);
      if (seat.admitted()) {
        connection.Serve();
      } else {
        connection.Refuse();
      }
    } catch (const std::exception&) {
      // The client disconnected before it was served, so there is nobody to answer.
    }
  }

 private:
  const Instant accepted_;
  const Serving& serving_;
  ConnectionTable& table_;
};

// Records when each connection was accepted. Poco calls this in its accepting thread, in order, but
// creates the connection in whichever thread starts first.
class Accepted final : public Poco::Net::TCPServerConnectionFilter {
 public:
  bool accept(const Poco::Net::StreamSocket& socket) override {
    MutexLock lock(mutex_);
    when_[socket.impl()] = BootNow();
    return true;
  }
  Instant Take(const Poco::Net::StreamSocket& socket) {
    MutexLock lock(mutex_);
    auto entry = when_.extract(socket.impl());
    return entry ? entry.mapped() : BootNow();
  }

 private:
  // Guarded by mutex_.
  Mutex mutex_;
  // Entries of connections that Poco drops because its queue is full stay until their address is
  // reused: at most as many as there were simultaneous connections.
  std::map<const Poco::Net::SocketImpl*, Instant> when_ CAPSTAN_GUARDED_BY(mutex_);
};

class ConnectionFactory final : public Poco::Net::TCPServerConnectionFactory {
 public:
  ConnectionFactory(Poco::AutoPtr<Accepted> accepted, const Serving& serving, ConnectionTable& table)
      : accepted_(std::move(accepted)), serving_(serving), table_(table) {}
  Poco::Net::TCPServerConnection* createConnection(const Poco::Net::StreamSocket& socket) override {
    return new PocoConnection(socket, accepted_->Take(socket), serving_, table_);
  }

 private:
  Poco::AutoPtr<Accepted> accepted_;
  const Serving& serving_;
  ConnectionTable& table_;
};

Poco::Net::TCPServerParams::Ptr Parameters(int limit) {
  Poco::Net::TCPServerParams::Ptr parameters = new Poco::Net::TCPServerParams;
  parameters->setMaxThreads(limit + kRefusers);
  parameters->setMaxQueued(limit + 1024);
  // An idle thread can miss that the dispatcher stops, and then delays the end of the server until
  // its idle time is over. (The pool keeps the thread for longer.)
  parameters->setThreadIdleTime(Poco::Timespan(0, 200'000));
  return parameters;
}

class PocoHttpServer final : public HttpServer {
 public:
  PocoHttpServer(http::Handler& handler, const HttpServerOptions& options, TlsContext tls,
                 const Poco::Net::ServerSocket& socket)
      : tls_(std::move(tls)),
        table_(static_cast<std::size_t>(options.max_connections)),
        port_(socket.address().port()),
        url_(StrCat(tls_ ? "https://" : "http://", socket.address().toString())),
        serving_{handler,
                 tls_.get(),
                 url_,
                 {options.idle_limit, options.handshake_limit, options.request_limit, options.answer_limit,
                  options.body_limit},
                 stop_.get_token()},
        threads_(2, options.max_connections + kRefusers + 1, 60),
        accepted_(new Accepted),
        server_(new ConnectionFactory(accepted_, serving_, table_), threads_, socket,
                Parameters(options.max_connections)) {
    server_.setConnectionFilter(accepted_);
    server_.start();
  }
  ~PocoHttpServer() override {
    stop_.request_stop();
    server_.stop();
    threads_.joinAll();
  }

  std::uint16_t port() const override { return port_; }
  std::string url() const override { return url_; }

 private:
  std::stop_source stop_;
  const TlsContext tls_;
  ConnectionTable table_;
  const std::uint16_t port_;
  const std::string url_;
  const Serving serving_;
  Poco::ThreadPool threads_;
  Poco::AutoPtr<Accepted> accepted_;
  Poco::Net::TCPServer server_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> StartHttpServer(http::Handler& handler,
                                                    const HttpServerOptions& options) {
  if (options.certificate_pem.empty() != options.key_pem.empty())
    return Fail(Code::kInvalidArgument,
                "a server certificate and its key are only of use together: one of them is missing");
  if (options.max_connections < 1) return Fail(Code::kInvalidArgument, "max_connections must be at least 1");
  TlsContext tls;
  if (!options.certificate_pem.empty()) {
    CAPSTAN_TRY(tls, MakeServerContext(options.certificate_pem, options.key_pem, options.client_ca_pem));
  }
  try {
    Poco::Net::SocketAddress address(options.address, options.port);
    Poco::Net::ServerSocket socket;
    socket.bind(address, true, false);
    socket.listen(512);
    return std::make_unique<PocoHttpServer>(handler, options, std::move(tls), socket);
  } catch (const Poco::Exception& error) {
    return Fail(Code::kUnavailable, StrCat("cannot serve on ", options.address, " port ", options.port, ": ",
                                           error.displayText()));
  }
}

}  // namespace capstan::net
