// LoopbackTransport carries requests straight to Handlers in this process: no sockets, so that a
// simulation decides when everything happens, and a test needs no port. The same handlers serve
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
  // Waited (on the scheduler) before the handler sees a request and again before the client sees
  // the answer. Zero still lets other tasks run in between.
  Duration latency = std::chrono::milliseconds(1);
  // How many bytes of a stream may be unread before the handler's Write waits.
  std::size_t stream_buffer = std::size_t{1} << 20;
};

// Thread-safe. Scheduler and handlers must outlive it and every stream it opened.
class LoopbackTransport final : public Transport {
 public:
  LoopbackTransport(Scheduler& scheduler, LoopbackOptions options = {});
  ~LoopbackTransport() override;
  // Requests to that host ("api.digitalocean.com", or "host:port" where a URL names a port) go to
  // handler. Others fail with kUnavailable, sent kNo. Replaces an earlier one; nullptr takes the
  // host away (connection refused).
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
