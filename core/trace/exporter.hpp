// Exporter sends ended spans to an OpenTelemetry collector: OTLP over HTTP, JSON-encoded, in
// batches.
//
// Put only queues: work never waits for a collector. The queue is bounded; a span that does not fit
// is dropped and counted. A request that fails temporarily (no answer, 429, 502, 503, 504) is
// retried with backoff or when the collector asks, up to five attempts; after that, or after a
// terminal refusal, its spans count as failed. It is logged when sending begins to fail and when it
// works again. Header values are never logged.
//
// Run must be called by one task at a time: it returns when its context stops, after one last
// request of at most three seconds for the queued spans. Put and counts are thread-safe. All parts
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

// Spans since the start.
struct ExportCounts {
  std::uint64_t exported = 0;  // accepted by a collector
  std::uint64_t dropped = 0;   // the queue was full
  std::uint64_t failed = 0;    // no collector accepted them
};

class Exporter final : public SpanSink {
 public:
  struct Parts {
    Scheduler& scheduler;
    Random& random;
    Log& log;
    http::Transport& transport;  // must not retry
  };
  // REQUIRES: an endpoint is set.
  Exporter(ExportSettings settings, const Parts& parts) : settings_(std::move(settings)), parts_(parts) {}

  void Put(EndedSpan span) override CAPSTAN_EXCLUDES(mutex_);
  void Run(const Context& context);
  ExportCounts counts() const CAPSTAN_EXCLUDES(mutex_);

 private:
  // Waits for a full batch, or until the oldest span has waited for the delay. Empty: the context
  // stopped.
  std::vector<EndedSpan> AwaitBatch(const Context& context) CAPSTAN_EXCLUDES(mutex_);
  std::vector<EndedSpan> TakeAll() CAPSTAN_EXCLUDES(mutex_);
  void Deliver(const std::vector<EndedSpan>& spans, const Context& context);
  // One attempt. Errors: those of the collector or of the connection to it.
  Status Send(const std::string& body, const Context& context);
  void Count(std::uint64_t ExportCounts::*which, std::size_t spans) CAPSTAN_EXCLUDES(mutex_);
  void Report(const Status& outcome);

  const ExportSettings settings_;
  const Parts parts_;
  mutable Mutex mutex_;
  Event queued_;
  std::deque<EndedSpan> queue_ CAPSTAN_GUARDED_BY(mutex_);
  Instant oldest_ CAPSTAN_GUARDED_BY(mutex_){};  // when the first queued span arrived
  ExportCounts counts_ CAPSTAN_GUARDED_BY(mutex_);
  bool failing_ = false;  // used only by the running task
};

}  // namespace capstan::trace
