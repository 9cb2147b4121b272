#include <capstan/testing/worlds/embedded_world.hpp>

namespace capstan::testing {
namespace {

std::shared_ptr<const apiserver::BuiltinSchemas> Schemas() {
  static const auto schemas = apiserver::MakeBuiltinSchemas();  // constant, and slow to create
  return schemas;
}

// The world's own transport, for the server's webhooks, which are handlers that the test has
// routed.
class WebhookTransport final : public http::Transport {
 public:
  explicit WebhookTransport(http::Transport& outside) : outside_(outside) {}
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    return outside_.Send(request, context);
  }
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override {
    return outside_.Open(request, context);
  }

 private:
  http::Transport& outside_;
};

}  // namespace

EmbeddedWorld::EmbeddedWorld(std::uint64_t seed, SchedulePolicy policy) : scheduler_(std::move(policy)) {
  random = MakeSeededRandom(seed);
  server = "http://kubernetes.test";
  apiserver::ApiServerOptions options;
  options.schemas = Schemas();
  options.webhook_transports = [this](const std::string&) -> Result<std::unique_ptr<http::Transport>> {
    return std::make_unique<WebhookTransport>(transport_);
  };
  auto started = apiserver::ApiServer::Start(scheduler_, *random, quiet_, *storage_, options);
  if (!started) EndOfTest("the embedded API server does not start: " + started.error().message);
  api_ = std::move(*started);
  transport_.Route("kubernetes.test", api_.get());
  MakeClient();
}

void EmbeddedWorld::Do(const std::function<void(const Context&)>& work) {
  Task task = scheduler_.Spawn("test", work);
  if (!scheduler_.RunUntil([&] { return task.finished(); }))
    EndOfTest("a request was not answered in an hour");
}

}  // namespace capstan::testing
