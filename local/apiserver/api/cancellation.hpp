// Whether a client still waits for a result. For one thread.
//
// Work that grows with what a client sent or requested polls this from time to time, ends early
// once the client is gone, and never stores a partial result.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>

namespace capstan::apiserver {

class Cancellation final {
 public:
  // Never cancelled.
  Cancellation() = default;
  // `gone` costs a system call. Once it returns true it is not called again.
  explicit Cancellation(std::function<bool()> gone) : gone_(std::move(gone)) {}

  bool Requested() const {
    if (!seen_ && gone_) seen_ = gone_();
    return seen_;
  }
  // Requested() for tight loops: counts `steps` and calls `gone` only once in 256.
  bool RequestedSampled(std::size_t steps = 1) const {
    steps_ += steps;
    if (steps_ < kStepsBetween) return seen_;
    steps_ = 0;
    return Requested();
  }
  // Whether cancellation was already seen: then some work may have ended early.
  bool seen() const { return seen_; }

 private:
  static constexpr std::size_t kStepsBetween = 256;
  std::function<bool()> gone_;
  mutable bool seen_ = false;
  mutable std::size_t steps_ = 0;
};

}  // namespace capstan::apiserver
