// Tap stands between a provider and its cloud: it keeps what went through, and breaks what it is
// told to. Private to the conformance suite. Thread-safe; `next` must outlive it.
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
  kLoseAnswer,        // the cloud gets the request, nobody gets the answer
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

  // From now on; `changes_only` lets GET and HEAD through.
  void Break(Fault fault, bool changes_only = false, http::Response answer = {}) CAPSTAN_EXCLUDES(mutex_);
  void Heal() CAPSTAN_EXCLUDES(mutex_) { Break(Fault::kNone); }
  // Whether a request that changes something went to the cloud and was not refused by it with a
  // 4xx: how many there were, ever.
  int MayHaveChanged() const CAPSTAN_EXCLUDES(mutex_);
  // Where requests were sent and none ever came to the other side: its origin; else empty.
  std::string Unreachable() const CAPSTAN_EXCLUDES(mutex_);
  // What went through since the last Take.
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
