// LoopbackTransport passes requests directly to Handlers in this process. It uses no sockets, so a
// simulation controls the timing of every step and a test needs no port. The same handlers serve
// real clients through core/net.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/handler.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::http {

struct LoopbackOptions {
  // Delay (on the scheduler) before the handler sees a request and again before the client sees the
  // response. Zero still lets other tasks run in between.
  Duration latency = std::chrono::milliseconds(1);
  // How many bytes of a stream may be unread before the handler's Write blocks.
  std::size_t stream_buffer = std::size_t{1} << 20;
};

// Thread-safe. Scheduler and handlers must outlive it and every stream it opened.
class LoopbackTransport final : public Transport {
 public:
  LoopbackTransport(Scheduler& scheduler, LoopbackOptions options = {});
  ~LoopbackTransport() override;
  // Routes requests for that host ("api.digitalocean.com", or "host:port" if the URL has a port) to
  // `handler`. Requests for other hosts fail with kUnavailable, sent kNo. Replaces an earlier
  // route; nullptr removes the host (connection refused).
  void Route(const std::string& authority, Handler* handler);

  Result<Response> Send(const Request& request, const Context& context) override;
  Result<StreamResponse> Open(const Request& request, const Context& context) override;

 private:
  Handler* Find(const std::string& url) CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  Scheduler& scheduler_;
  LoopbackOptions options_;

  // Guarded by mutex_.
  Mutex mutex_;
  std::map<std::string, Handler*> routes_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::http
