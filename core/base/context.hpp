// Context is passed to everything that may block: when to give up, what may stop it, how urgent it
// is, and which span of a trace it is part of.
//
// A value, cheap to copy. A callee that sees stop requested returns Code::kCancelled; past the
// deadline, Code::kDeadlineExceeded. Nothing that receives kCancelled tries again.
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

// What a call is for, least first. It decides between requests when not all may leave
// (http::QuotaTransport): a question that a deletion waits for goes with the deletions.
enum class Urgency { kLook, kChange, kCreate, kRemove };

struct Context {
  std::stop_token stop;
  Instant deadline = kForever;
  Urgency urgency = Urgency::kLook;
  std::shared_ptr<trace::Span> span = nullptr;  // core/trace/trace.hpp; null: nothing is traced

  bool stopped() const { return stop.stop_requested(); }
  // The same, giving up no later than `until`.
  Context Until(Instant until) const { return Context{stop, std::min(deadline, until), urgency, span}; }
  // The same, giving up no later than `timeout` from now.
  Context Within(const Clock& clock, Duration timeout) const { return Until(After(clock.Now(), timeout)); }
  // The same, with this urgency.
  Context For(Urgency what) const { return Context{stop, deadline, what, span}; }
  // The same, as part of another span.
  Context As(std::shared_ptr<trace::Span> part) const {
    return Context{stop, deadline, urgency, std::move(part)};
  }
};

}  // namespace capstan
