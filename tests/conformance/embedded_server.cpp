#include <cstdio>
#include <cstdlib>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/forwarding_transport.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/local/apiserver/server.hpp>
#include <capstan/tests/conformance/server.hpp>

namespace capstan::conformance {
namespace {

constexpr const char* kToken = "conformance";

// Sets or omits the Authorization header.
class TokenTransport final : public http::ForwardingTransport {
 public:
  TokenTransport(http::Transport& next, std::string token)
      : ForwardingTransport(next), token_(std::move(token)) {}
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    return next().Send(With(request), context);
  }
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override {
    return next().Open(With(request), context);
  }

 private:
  http::Request With(http::Request request) const {
    if (!token_.empty()) request.headers.Set("Authorization", "Bearer " + token_);
    return request;
  }
  const std::string token_;
};

class EmbeddedServer final : public Server {
 public:
  EmbeddedServer() {
    apiserver::ApiServerOptions options;
    options.tokens.push_back({Secret(kToken), "admin", {"system:masters", "system:authenticated"}});
    auto server = apiserver::ApiServer::Start(scheduler_, *random_, log_, *storage_, std::move(options));
    if (!server) {
      std::fprintf(stderr, "the embedded server does not start: %s\n", server.error().message.c_str());
      std::exit(1);
    }
    server_ = std::move(*server);
    loopback_.Route("embedded.test", server_.get());
  }
  ~EmbeddedServer() override { loopback_.Route("embedded.test", nullptr); }

  Scheduler& scheduler() override { return scheduler_; }
  http::Transport& transport() override { return admin_; }
  http::Transport& anonymous() override { return nobody_; }
  http::Transport& forger() override { return forger_; }
  std::string url() const override { return "https://embedded.test"; }
  http::Transport& crd_transport() override { return admin_; }
  std::string crd_url() const override { return url(); }
  bool Compact() override {
    server_->Compact();
    return true;
  }
  bool embedded() const override { return true; }

 private:
  SimulatedScheduler scheduler_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  SilentLog log_;
  std::unique_ptr<apiserver::Storage> storage_ = apiserver::MakeMemoryStorage();
  std::unique_ptr<apiserver::ApiServer> server_;
  http::LoopbackTransport loopback_{scheduler_};
  TokenTransport admin_{loopback_, kToken};
  TokenTransport nobody_{loopback_, ""};
  TokenTransport forger_{loopback_, "forged"};
};

}  // namespace

std::unique_ptr<Server> StartEmbedded() { return std::make_unique<EmbeddedServer>(); }

}  // namespace capstan::conformance
