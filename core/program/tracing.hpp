// Tracing sets up a program's traces: a tracer, and, if the OpenTelemetry variables name a
// collector (core/trace/export_settings.hpp), the task that sends spans there. Wiring only.
//
// Without a collector, spans only have ids, for log lines. Invalid variables cause one warning in
// the log, and nothing is sent: an operator works whatever the state of its collector.
//
// Thread-safe. Everything passed to the constructor must outlive it, and it must outlive the tracer
// and the transports it returns.
#pragma once

#include <memory>
#include <string>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/runtime/metrics.hpp>
#include <capstan/core/trace/exporter.hpp>
#include <capstan/core/trace/trace.hpp>
#include <capstan/core/trace/traced_transport.hpp>

namespace capstan::program {

struct TracedService {
  std::string name, version;
  std::string instance;  // unique to this run
};

class Tracing final {
 public:
  Tracing(const TracedService& service, Process& process, Scheduler& scheduler, Random& random, Log& log);
  ~Tracing();

  trace::Tracer& tracer() { return *tracer_; }
  // Wraps `next` so that each request becomes a span; returns `next` itself if nothing is sent.
  std::unique_ptr<http::Transport> Traced(std::unique_ptr<http::Transport> next,
                                          trace::Propagation propagation) const;
  // All zero if nothing is sent.
  trace::ExportCounts counts() const { return exporter_ ? exporter_->counts() : trace::ExportCounts{}; }

 private:
  Status Export(const TracedService& service, Process& process, Scheduler& scheduler, Random& random,
                Log& log);

  std::unique_ptr<http::Transport> transport_;
  std::unique_ptr<trace::Exporter> exporter_;
  std::unique_ptr<trace::Tracer> tracer_;
  Task sending_;
};

// capstan_trace_spans_total{outcome}: "exported", "dropped" (the queue was full) and "failed" (no
// collector accepted them). Thread-safe. Metrics must outlive it.
class SpanCounters final {
 public:
  explicit SpanCounters(runtime::Metrics& metrics);
  void Follow(const trace::ExportCounts& counts);

 private:
  runtime::FollowingCounter exported_, dropped_, failed_;
};

}  // namespace capstan::program
