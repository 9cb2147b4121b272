// DamagingTransport damages the bodies of watches in ways that cannot be requested from a server:
// it ends them in the middle of an event, or inserts an ERROR event. It also records the URL and
// time of each request.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/http/forwarding_transport.hpp>

namespace capstan::survival {

struct Damage {
  bool cut_in_half = false;  // pass half of the next piece, then end the body
  std::string error_object;  // otherwise: an ERROR event with this Status replaces the piece
};

// Thread-safe. `next` and `clock` must outlive it.
class DamagingTransport final : public http::ForwardingTransport {
 public:
  DamagingTransport(http::Transport& next, Clock& clock) : ForwardingTransport(next), clock_(clock) {}
  // Damages the next piece of any watch, once.
  void DamageNextPiece(Damage damage);
  // How many pieces were damaged.
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
