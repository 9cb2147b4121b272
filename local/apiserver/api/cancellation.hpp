// Whether anybody still waits for what is being worked out. One thread.
#pragma once

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
    if (!requested_ && gone_) requested_ = gone_();
    return requested_;
  }

 private:
  std::function<bool()> gone_;
  mutable bool requested_ = false;
};

}  // namespace capstan::apiserver
