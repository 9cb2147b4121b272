// Context is passed to every call that can block. It carries the deadline, the stop token, the
// urgency and the trace span of the call.
//
// A value, cheap to copy. A callee that sees a stop request returns Code::kCancelled; past the
// deadline, Code::kDeadlineExceeded. A caller that receives kCancelled does not retry.
#pragma once

#include <algorithm>
#include <memory>
#include <stop_token>
#include <utility>

#include <capstan/core/base/time.hpp>

namespace capstan {

namespace trace {
class Span;
}

// The purpose of a call, least urgent first. http::QuotaTransport uses it to rank requests when not
// all of them can be sent: a read that a deletion depends on is sent with the priority of the
// deletion.
enum class Urgency { kLook, kChange, kCreate, kRemove };

struct Context {
  std::stop_token stop;
  Instant deadline = kForever;
  Urgency urgency = Urgency::kLook;
  std::shared_ptr<trace::Span> span = nullptr;  // core/trace/trace.hpp; null: not traced

  bool stopped() const { return stop.stop_requested(); }
  // A copy whose deadline is no later than `until`.
  Context Until(Instant until) const { return Context{stop, std::min(deadline, until), urgency, span}; }
  // A copy whose deadline is no later than `timeout` from now.
  Context Within(const Clock& clock, Duration timeout) const { return Until(After(clock.Now(), timeout)); }
  // A copy with this urgency.
  Context For(Urgency what) const { return Context{stop, deadline, what, span}; }
  // A copy that belongs to another span.
  Context As(std::shared_ptr<trace::Span> part) const {
    return Context{stop, deadline, urgency, std::move(part)};
  }
};

}  // namespace capstan
