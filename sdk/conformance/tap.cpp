#include <capstan/sdk/conformance/tap.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/http/method.hpp>

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

int Tap::MayHaveChanged() const {
  MutexLock lock(mutex_);
  return may_have_changed_;
}

std::string Tap::Unreachable() const {
  MutexLock lock(mutex_);
  return reached_ ? std::string() : unreachable_;
}

Result<http::Response> Tap::Pass(const http::Request& request, const Context& context) {
  auto answer = next_.Send(request, context);
  {
    const bool reached = answer || answer.error().sent != Sent::kNo;
    MutexLock lock(mutex_);
    reached_ = reached_ || reached;
    if (const auto url = http::ParseUrl(request.url); !reached && url)
      unreachable_ = StrCat(url->scheme, "://", url->authority());
  }
  if (http::IsRead(request.method)) return answer;
  const int status = answer ? answer->status : answer.error().http_status;
  const bool refused = external::CertainlyRefused(status);
  const bool sent = answer || answer.error().sent != Sent::kNo;
  MutexLock lock(mutex_);
  may_have_changed_ += sent && !refused ? 1 : 0;
  return answer;
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
      return Pass(request, context);
    case Fault::kRefuseConnection:
      return Fail(Code::kUnavailable, "the connection was refused");
    case Fault::kAnswer:
      return answer;
    case Fault::kLoseAnswer:
      (void)Pass(request, context);
      return Fail(Code::kUnavailable, "the connection was lost before the answer", Sent::kMaybe);
  }
  return Fail(Code::kInternal, "an unknown fault");
}

Result<http::StreamResponse> Tap::Open(const http::Request&, const Context&) {
  return Fail(Code::kUnimplemented, "providers use Send");
}

}  // namespace capstan::conformance
