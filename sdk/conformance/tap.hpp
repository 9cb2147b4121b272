// Tap sits between a provider and its cloud: it records the traffic and injects faults. Private to
// the conformance suite. Thread-safe; `next` must outlive it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/http/method.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::conformance {

enum class Fault {
  kNone,
  kRefuseConnection,  // nothing is sent
  kLoseAnswer,        // the cloud gets the request, but its answer is dropped
  kAnswer,            // the cloud gets nothing, the provider gets `answer`
};

struct Passed {
  http::Request request;
  bool reached_cloud = false;
  bool changes() const { return !http::IsRead(request.method); }
};

class Tap final : public http::Transport {
 public:
  explicit Tap(http::Transport& next) : next_(next) {}

  // Takes effect immediately; `changes_only` lets GET and HEAD pass.
  void Break(Fault fault, bool changes_only = false, http::Response answer = {}) CAPSTAN_EXCLUDES(mutex_);
  void Heal() CAPSTAN_EXCLUDES(mutex_) { Break(Fault::kNone); }
  // The total number of requests that change something, reached the cloud and were not refused with
  // a 4xx.
  int MayHaveChanged() const CAPSTAN_EXCLUDES(mutex_);
  // The origin to which requests were sent although none ever reached it; empty if there is none.
  std::string Unreachable() const CAPSTAN_EXCLUDES(mutex_);
  // The traffic since the last Take.
  std::vector<Passed> Take() CAPSTAN_EXCLUDES(mutex_);

  Result<http::Response> Send(const http::Request& request, const Context& context) override;
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override;

 private:
  Result<http::Response> Pass(const http::Request& request, const Context& context) CAPSTAN_EXCLUDES(mutex_);

  // Constant after construction.
  http::Transport& next_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  Fault fault_ CAPSTAN_GUARDED_BY(mutex_) = Fault::kNone;
  bool changes_only_ CAPSTAN_GUARDED_BY(mutex_) = false;
  http::Response answer_ CAPSTAN_GUARDED_BY(mutex_);
  bool reached_ CAPSTAN_GUARDED_BY(mutex_) = false;
  std::string unreachable_ CAPSTAN_GUARDED_BY(mutex_);
  int may_have_changed_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  std::vector<Passed> passed_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::conformance
