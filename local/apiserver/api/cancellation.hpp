// Whether anybody still waits for what is being worked out. One thread.
//
// One rule holds for all work that grows with what a client sent or asked for: it looks here now
// and then, ends early once nobody waits, and nothing that ended early is stored.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>

namespace capstan::apiserver {

class Cancellation final {
 public:
  // Never requested.
  Cancellation() = default;
  // `gone` is asked, at a cost of a system call, and believed for good once it says yes.
  explicit Cancellation(std::function<bool()> gone) : gone_(std::move(gone)) {}

  bool Requested() const {
    if (!seen_ && gone_) seen_ = gone_();
    return seen_;
  }
  // Requested() for small steps, of which `steps` more are taken: asks once in 256 only.
  bool NowAndThen(std::size_t steps = 1) const {
    steps_ += steps;
    if (steps_ < kStepsBetween) return seen_;
    steps_ = 0;
    return Requested();
  }
  // Whether it said yes before: then some work may have ended early.
  bool seen() const { return seen_; }

 private:
  static constexpr std::size_t kStepsBetween = 256;
  std::function<bool()> gone_;
  mutable bool seen_ = false;
  mutable std::size_t steps_ = 0;
};

}  // namespace capstan::apiserver
