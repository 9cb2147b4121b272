// Fence answers the question asked before every external effect: does this process hold the lease,
// and will it still hold it when the effect is complete? Leader election implements it;
// AlwaysLeader serves programs that run without one.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/base/time.hpp>

namespace capstan::runtime {

// Thread-safe.
class Fence {
 public:
  virtual ~Fence() = default;
  // True if the lease is held now and lasts beyond `until`, on the boot-time clock.
  virtual bool HeldUntil(Instant until) const = 0;
  // Identity of this process in the lease and in recorded intents. Unique to one run of the process
  // ("host_uuid").
  virtual std::string holder() const = 0;
  // The fence that covers one object. Where objects are divided among processes (core/shards), that
  // is the fence of the object's shard; otherwise this one. The result lives as long as this fence.
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
