// DamagingTransport does to the bodies of watches what servers do and nobody can ask them to: ends
// them in the middle of an event, or puts an ERROR event into them. It also keeps the URLs of all
// requests, and when each was made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/http/forwarding_transport.hpp>

namespace capstan::survival {

struct Damage {
  bool cut_in_half = false;  // half of the piece that comes next, then the end of the body
  std::string error_object;  // else: an ERROR event with this Status instead of it
};

// Thread-safe. `next` and `clock` must outlive it.
class DamagingTransport final : public http::ForwardingTransport {
 public:
  DamagingTransport(http::Transport& next, Clock& clock) : ForwardingTransport(next), clock_(clock) {}
  // Done to the next piece of any watch, once.
  void DamageNextPiece(Damage damage);
  // How often it was done.
  int done() const;
  std::vector<std::string> Urls() const;
  std::vector<Instant> Times() const;
  // How many watches the server has begun to answer.
  int watches() const;

  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override;

 private:
  class Body;
  std::optional<Damage> TakeDamage();
  Status Admit(const http::Request& request, const Context& context) override;

  Clock& clock_;
  mutable Mutex mutex_;
  std::optional<Damage> damage_ CAPSTAN_GUARDED_BY(mutex_);
  int done_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  int watches_ CAPSTAN_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> urls_ CAPSTAN_GUARDED_BY(mutex_);
  std::vector<Instant> times_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::survival
