// Exporter sends ended spans to an OpenTelemetry collector: OTLP over HTTP, in its JSON encoding,
// many in one request.
//
// Put only queues: work never waits for a collector. The queue is bounded, and a span that finds it
// full is dropped and counted. A request that fails for a time (no answer, 429, 502, 503, 504) is
// sent again, later each time or when the collector asks, five times in all; then, or when it is
// refused for good, its spans count as failed. The log hears when sending begins to fail and when
// it works again. Header values are never logged.
//
// Run is a task of the caller's, one at a time: it returns when its context stops, after one last
// request of three seconds at most for what is queued. Put and counts are thread-safe. All parts
// must outlive it.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/trace/export_settings.hpp>
#include <capstan/core/trace/span_sink.hpp>

namespace capstan::trace {

// Spans, since the beginning.
struct ExportCounts {
  std::uint64_t exported = 0;  // a collector took them
  std::uint64_t dropped = 0;   // the queue was full
  std::uint64_t failed = 0;    // no collector took them
};

class Exporter final : public SpanSink {
 public:
  struct Parts {
    Scheduler& scheduler;
    Random& random;
    Log& log;
    http::Transport& transport;  // repeats nothing
  };
  // REQUIRES: an endpoint.
  Exporter(ExportSettings settings, const Parts& parts) : settings_(std::move(settings)), parts_(parts) {}

  void Put(EndedSpan span) override CAPSTAN_EXCLUDES(mutex_);
  void Run(const Context& context);
  ExportCounts counts() const CAPSTAN_EXCLUDES(mutex_);

 private:
  // Waits for a batch, or for the oldest span's delay. Empty: the context stopped.
  std::vector<EndedSpan> AwaitBatch(const Context& context) CAPSTAN_EXCLUDES(mutex_);
  std::vector<EndedSpan> TakeAll() CAPSTAN_EXCLUDES(mutex_);
  void Deliver(const std::vector<EndedSpan>& spans, const Context& context);
  // The one request. Errors: what the collector or the way to it said.
  Status Send(const std::string& body, const Context& context);
  void Count(std::uint64_t ExportCounts::*which, std::size_t spans) CAPSTAN_EXCLUDES(mutex_);
  void Tell(const Status& outcome);

  const ExportSettings settings_;
  const Parts parts_;
  mutable Mutex mutex_;
  Event queued_;
  std::deque<EndedSpan> queue_ CAPSTAN_GUARDED_BY(mutex_);
  Instant oldest_ CAPSTAN_GUARDED_BY(mutex_){};  // when the first of the queue came
  ExportCounts counts_ CAPSTAN_GUARDED_BY(mutex_);
  bool failing_ = false;  // for the task that runs
};

}  // namespace capstan::trace
