#include <capstan/core/http/retrying.hpp>

#include <optional>

#include <capstan/core/http/method.hpp>

namespace capstan::http {
namespace {

bool IsPassing(int status) { return status == 429 || (status >= 500 && status != 501); }

bool IsPassing(const Request& request, const Error& error) {
  if (error.code == Code::kCancelled || error.code == Code::kDeadlineExceeded) return false;
  if (error.code != Code::kUnavailable && error.code != Code::kDataLoss) return false;
  return error.sent == Sent::kNo || IsSafe(request.method);
}

// Runs `attempt` until it succeeds, fails terminally, or the attempts or the time are used up.
template <class Answer, class Attempt>
Result<Answer> Try(const Request& request, const Context& context, Scheduler& scheduler, Random& random,
                   const RetryOptions& options, const Attempt& attempt) {
  Backoff backoff(options.backoff, random);
  for (int tries = 1;; ++tries) {
    Result<Answer> answer = attempt();
    std::optional<Duration> requested_wait;
    bool again = false;
    if (!answer) {
      again = IsPassing(request, answer.error());
      requested_wait = answer.error().retry_after;
    } else if (IsSafe(request.method) && IsPassing(answer->status)) {
      again = true;
      requested_wait = ErrorFromStatus(Response{answer->status, answer->headers, ""}, "").retry_after;
    }
    if (!again || tries >= options.tries) return answer;
    if (requested_wait && *requested_wait > options.longest_wait) return answer;
    const Duration delay = requested_wait ? *requested_wait : backoff.Next();
    if (After(scheduler.Now(), delay) >= context.deadline) return answer;
    if (scheduler.Sleep(delay, context) == Woke::kStopped) {
      return Fail(Code::kCancelled, "stopped before another try of " + request.method + " " + request.url);
    }
  }
}

}  // namespace

RetryingTransport::RetryingTransport(Transport& next, Scheduler& scheduler, Random& random,
                                     RetryOptions options)
    : next_(next), scheduler_(scheduler), random_(random), options_(options) {}

Result<Response> RetryingTransport::Send(const Request& request, const Context& context) {
  return Try<Response>(request, context, scheduler_, random_, options_,
                       [&] { return next_.Send(request, context); });
}

Result<StreamResponse> RetryingTransport::Open(const Request& request, const Context& context) {
  return Try<StreamResponse>(request, context, scheduler_, random_, options_,
                             [&] { return next_.Open(request, context); });
}

}  // namespace capstan::http
