#include <capstan/core/trace/exporter.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/http/retry_after.hpp>
#include <capstan/core/trace/otlp/spans_to_json.hpp>

namespace capstan::trace {
namespace {

using std::chrono::seconds;

constexpr int kTries = 5;
constexpr Duration kLastWords = seconds(3);

// The errors that OTLP declares retryable.
bool Passes(const Error& error) {
  switch (error.http_status) {
    case 0:
      return error.code == Code::kUnavailable || error.code == Code::kDeadlineExceeded ||
             error.code == Code::kDataLoss;
    case 429:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return false;
  }
}

}  // namespace

void Exporter::Put(EndedSpan span) {
  MutexLock lock(mutex_);
  if (queue_.size() >= settings_.queue) {
    ++counts_.dropped;
    return;
  }
  if (queue_.empty()) oldest_ = parts_.scheduler.Now();
  queue_.push_back(std::move(span));
  if (queue_.size() == 1 || queue_.size() == settings_.batch) parts_.scheduler.Notify(queued_);
}

std::vector<EndedSpan> Exporter::AwaitBatch(const Context& context) {
  MutexLock lock(mutex_);
  for (;;) {
    const Instant due = queue_.empty() ? kForever : After(oldest_, settings_.delay);
    if (context.stopped()) return {};
    if (queue_.size() >= settings_.batch || parts_.scheduler.Now() >= due) break;
    (void)parts_.scheduler.Wait(queued_, lock, due, context);
  }
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), settings_.batch));
  std::vector<EndedSpan> batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  oldest_ = parts_.scheduler.Now();
  return batch;
}

std::vector<EndedSpan> Exporter::TakeAll() {
  MutexLock lock(mutex_);
  std::vector<EndedSpan> all(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.end()));
  queue_.clear();
  return all;
}

void Exporter::Run(const Context& context) {
  while (!context.stopped()) {
    const std::vector<EndedSpan> batch = AwaitBatch(context);
    if (!batch.empty()) Deliver(batch, context);
  }
  const std::vector<EndedSpan> rest = TakeAll();
  if (rest.empty()) return;
  const Status sent =
      Send(SpansToJson(settings_.resource, rest), Context{}.Within(parts_.scheduler, kLastWords));
  Count(sent ? &ExportCounts::exported : &ExportCounts::failed, rest.size());
}

void Exporter::Deliver(const std::vector<EndedSpan>& spans, const Context& context) {
  const std::string body = SpansToJson(settings_.resource, spans);
  Backoff backoff({seconds(1), seconds(30)}, parts_.random);
  for (int tries = 1;; ++tries) {
    const Status sent = Send(body, context.Within(parts_.scheduler, settings_.timeout));
    if (sent || context.stopped() || tries == kTries || !Passes(sent.error())) {
      if (!context.stopped()) Report(sent);
      return Count(sent ? &ExportCounts::exported : &ExportCounts::failed, spans.size());
    }
    Report(sent);
    const Duration pause = std::max(backoff.Next(), sent.error().retry_after.value_or(Duration::zero()));
    (void)parts_.scheduler.Sleep(std::min<Duration>(pause, std::chrono::minutes(1)), context);
  }
}

Status Exporter::Send(const std::string& body, const Context& context) {
  http::Request request;
  request.method = "POST";
  request.url = settings_.endpoint;
  request.headers.Set("Content-Type", "application/json");
  for (const auto& [name, value] : settings_.headers) request.headers.Set(name, std::string(value.Reveal()));
  request.body = body;
  request.response_limit = std::size_t{64} << 10;
  CAPSTAN_TRY(const http::Response answer, parts_.transport.Send(request, context));
  if (answer.status / 100 == 2) return {};
  Error error = http::ErrorFromStatus(answer, "the collector refused spans");
  if (!error.retry_after)
    error.retry_after = http::RetryAfter(answer.headers, "Retry-After", http::ServerTime(answer.headers));
  return Fail(std::move(error));
}

void Exporter::Count(std::uint64_t ExportCounts::*which, std::size_t spans) {
  MutexLock lock(mutex_);
  counts_.*which += spans;
}

void Exporter::Report(const Status& outcome) {
  if (outcome.has_value() != failing_) return;
  failing_ = !outcome;
  const auto url = http::ParseUrl(settings_.endpoint);
  const std::string collector = url ? url->authority() : "";
  if (outcome) return parts_.log.Info("traces reach their collector again", {{"collector", collector}});
  parts_.log.Warning(
      "traces do not reach their collector: check the collector and OTEL_EXPORTER_OTLP_ENDPOINT; reconciles "
      "continue",
      {{"collector", collector}, {"error", outcome.error().message}});
}

ExportCounts Exporter::counts() const {
  MutexLock lock(mutex_);
  return counts_;
}

}  // namespace capstan::trace
