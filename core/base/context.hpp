// Context is the first argument of everything that may block: when to give up, and who may tell it to.
//
// A value, cheap to copy. A callee that sees stop requested returns Code::kCancelled; past the deadline,
// Code::kDeadlineExceeded. Nothing that receives kCancelled tries again.
#pragma once

#include <algorithm>
#include <stop_token>

#include <capstan/core/base/time.hpp>

namespace capstan {

struct Context {
  std::stop_token stop;
  Instant deadline = kForever;

  bool stopped() const { return stop.stop_requested(); }
  // The same, giving up no later than `until`.
  Context Until(Instant until) const { return Context{stop, std::min(deadline, until)}; }
  // The same, giving up no later than `timeout` from now.
  Context Within(const Clock& clock, Duration timeout) const { return Until(After(clock.Now(), timeout)); }
};

}  // namespace capstan
