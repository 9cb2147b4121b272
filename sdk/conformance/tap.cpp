#include <capstan/sdk/conformance/tap.hpp>

#include <utility>

namespace capstan::conformance {

void Tap::Break(Fault fault, bool changes_only, http::Response answer) {
  MutexLock lock(mutex_);
  fault_ = fault;
  changes_only_ = changes_only;
  answer_ = std::move(answer);
}

std::vector<Passed> Tap::Take() {
  MutexLock lock(mutex_);
  return std::exchange(passed_, {});
}

Result<http::Response> Tap::Send(const http::Request& request, const Context& context) {
  Fault fault = Fault::kNone;
  http::Response answer;
  {
    MutexLock lock(mutex_);
    Passed passed{request, false};
    if (!changes_only_ || passed.changes()) fault = fault_;
    passed.reached_cloud = fault == Fault::kNone || fault == Fault::kLoseAnswer;
    passed_.push_back(std::move(passed));
    answer = answer_;
  }
  if (context.stopped()) return Fail(Code::kCancelled, "cancelled before anything was sent");
  switch (fault) {
    case Fault::kNone:
      return next_.Send(request, context);
    case Fault::kRefuseConnection:
      return Fail(Code::kUnavailable, "the connection was refused");
    case Fault::kAnswer:
      return answer;
    case Fault::kLoseAnswer: {
      (void)next_.Send(request, context);
      Error lost;
      lost.code = Code::kUnavailable;
      lost.message = "the connection was lost before the answer";
      lost.sent = Sent::kMaybe;
      return Fail(std::move(lost));
    }
  }
  return Fail(Code::kInternal, "an unknown fault");
}

Result<http::StreamResponse> Tap::Open(const http::Request&, const Context&) {
  return Fail(Code::kUnimplemented, "providers use Send");
}

}  // namespace capstan::conformance
