// What happens when a reconcile ends: when the key is requeued, and what is logged and counted.
#include <algorithm>
#include <unordered_set>

#include <capstan/core/base/text.hpp>
#include <capstan/core/runtime/control/instruments.hpp>
#include <capstan/core/trace/trace.hpp>

namespace capstan::runtime {
namespace {

// A conflict is over when the other writer is done, which takes only a moment.
constexpr auto kAtOnceDelay = std::chrono::milliseconds(20);
// Spreads the retries, so that an API server that has just recovered does not face all workers at
// once.
constexpr Duration kOutageSpread = std::chrono::seconds(5);

}  // namespace

void Controller::Settle(const TakenKey& taken, const Outcome& outcome) {
  queue_.Forget(taken.key);
  ForgetAtOnce(taken.key);
  if (const std::uint64_t version = ParseResourceVersion(outcome.wrote)) {
    // Hold before checking the cache: a version that arrives in between is seen either by the hold
    // or by the check.
    queue_.Hold(taken.key, version, options_.hold_limit);
    const Informer* informer = InformerOf(taken.key);
    if (informer != nullptr && informer->store().version() >= version) queue_.Seen(taken.key, version);
  }
  if (!outcome.requeue_after) {
    instruments_->success.Add();
    return;
  }
  (*outcome.requeue_after > Duration::zero() ? instruments_->requeue_after : instruments_->requeue).Add();
  queue_.Add(taken.key, Priority::kPoll, *outcome.requeue_after);
}

bool Controller::TryAtOnce(const kube::ObjectKey& key) {
  MutexLock lock(mutex_);
  return ++at_once_[key] <= options_.at_once_limit;
}

void Controller::ForgetAtOnce(const kube::ObjectKey& key) {
  MutexLock lock(mutex_);
  at_once_.erase(key);
}

void Controller::NoteOutage(const kube::ObjectKey& key, const Error& error) {
  const bool unanswered =
      error.http_status == 0 && (error.code == Code::kUnavailable || error.code == Code::kDeadlineExceeded);
  const Informer* informer = InformerOf(key);
  if (!unanswered || informer == nullptr || !informer->status().trouble) return;
  MutexLock lock(mutex_);
  unreached_.insert(key);
}

void Controller::EndOutage() {
  std::unordered_set<kube::ObjectKey> keys;
  {
    MutexLock lock(mutex_);
    keys.swap(unreached_);
  }
  for (const kube::ObjectKey& key : keys) {
    const double part = dependencies_.random.Fraction();
    queue_.Add(key, Priority::kRetry,
               Duration(static_cast<std::int64_t>(part * static_cast<double>(kOutageSpread.count()))));
  }
}

void Controller::SettleError(const TakenKey& taken, const Error& error, const trace::Span* span) {
  RetryClass retry = RetryOf(error);
  if (retry == RetryClass::kStop) return;
  instruments_->error.Add();
  instruments_->errors.Add();
  if (retry == RetryClass::kAtOnce && !TryAtOnce(taken.key)) retry = RetryClass::kBackoff;
  if (retry != RetryClass::kAtOnce) ForgetAtOnce(taken.key);
  std::string next;
  if (retry == RetryClass::kAtOnce) {
    queue_.Add(taken.key, Priority::kRetry,
               std::max<Duration>(kAtOnceDelay, error.retry_after.value_or(Duration{})), true);
    next = "at once";
  } else if (retry == RetryClass::kBackoff) {
    next = StrCat("in ", FormatDuration(queue_.Retry(taken.key, error.retry_after.value_or(Duration{}))));
    NoteOutage(taken.key, error);
  } else {
    queue_.Forget(taken.key);
    const Duration wait = error.retry_after.value_or(options_.refused_retry);
    queue_.Add(taken.key, Priority::kPoll, wait);
    next = StrCat("when the object changes, or in ", FormatDuration(wait));
  }
  const auto say = [&](LogLevel level) {
    if (!dependencies_.log.Enabled(level)) return;
    std::vector<LogField> fields = {{"controller", options_.name},
                                    {"object", taken.key.ToString()},
                                    {"code", CodeName(error.code)},
                                    {"error", error.message},
                                    {"again", next}};
    if (span != nullptr) fields.emplace_back("trace_id", span->ids().TraceText());
    dependencies_.log.Write(level, "reconcile failed", fields);
  };
  say(retry == RetryClass::kAtOnce ? LogLevel::kDebug : LogLevel::kWarning);
}

}  // namespace capstan::runtime
