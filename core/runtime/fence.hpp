// Fence answers the question asked before every effect on the outside world: are we still the one
// who may do this, and will we be until it is done? Leader election implements it; without one,
// AlwaysLeader does.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/base/time.hpp>

namespace capstan::runtime {

// Thread-safe.
class Fence {
 public:
  virtual ~Fence() = default;
  // Whether we hold the lease now and it lasts beyond `until` on the boot-time clock.
  virtual bool HeldUntil(Instant until) const = 0;
  // Our name in the lease and in intents: unique to this process life ("host_uuid").
  virtual std::string holder() const = 0;
  // The fence of what concerns one object: where objects are divided among processes (core/shards),
  // that of the object's share; else this one. It lives as long as this.
  virtual const Fence& Of(std::string_view /*uid*/) const { return *this; }
};

class AlwaysLeader final : public Fence {
 public:
  explicit AlwaysLeader(std::string holder) : holder_(std::move(holder)) {}
  bool HeldUntil(Instant) const override { return true; }
  std::string holder() const override { return holder_; }

 private:
  std::string holder_;
};

}  // namespace capstan::runtime
