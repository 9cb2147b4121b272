#include <capstan/core/program/tracing.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/program/cluster_connection.hpp>
#include <capstan/core/trace/tracer.hpp>

namespace capstan::program {
namespace {

// Owns the transport that it forwards to.
class OwningTracedTransport final : public http::Transport {
 public:
  OwningTracedTransport(std::unique_ptr<http::Transport> next, trace::Propagation propagation)
      : next_(std::move(next)), traced_(*next_, propagation) {}
  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    return traced_.Send(request, context);
  }
  std::vector<Result<http::Response>> SendAll(std::span<const http::Request> requests,
                                              const Context& context) override {
    return traced_.SendAll(requests, context);
  }
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override {
    return traced_.Open(request, context);
  }

 private:
  const std::unique_ptr<http::Transport> next_;
  trace::TracedTransport traced_;
};

// Adds attributes of this process that the variables do not set.
void AddResource(const TracedService& service, std::vector<std::pair<std::string, std::string>>& resource) {
  for (const auto& [key, value] : {std::pair<std::string, std::string>{"service.version", service.version},
                                   {"service.instance.id", service.instance},
                                   {"telemetry.sdk.name", "capstan"},
                                   {"telemetry.sdk.language", "cpp"}}) {
    const bool known = std::any_of(resource.begin(), resource.end(),
                                   [&key = key](const auto& pair) { return pair.first == key; });
    if (!known && !value.empty()) resource.emplace_back(key, value);
  }
}

}  // namespace

Tracing::Tracing(const TracedService& service, Process& process, Scheduler& scheduler, Random& random,
                 Log& log) {
  if (const Status status = Export(service, process, scheduler, random, log); !status)
    log.Warning("traces are not sent: correct the variable and start again",
                {{"error", status.error().message}});
  if (!tracer_) tracer_ = trace::MakeIdTracer(random);
}

Tracing::~Tracing() = default;

Status Tracing::Export(const TracedService& service, Process& process, Scheduler& scheduler, Random& random,
                       Log& log) {
  CAPSTAN_TRY(auto settings,
              trace::ReadExportSettings([&](const std::string& name) { return process.Environment(name); },
                                        service.name));
  if (settings.endpoint.empty()) return {};
  AddResource(service, settings.resource);
  CAPSTAN_TRY(transport_, ConnectToClouds(process));
  const double ratio = settings.ratio;
  const auto url = http::ParseUrl(settings.endpoint);
  log.Info("sending traces", {{"collector", url ? url->authority() : std::string()}});
  exporter_ = std::make_unique<trace::Exporter>(std::move(settings),
                                                trace::Exporter::Parts{scheduler, random, log, *transport_});
  tracer_ = trace::MakeTracer(*exporter_, scheduler, random, ratio);
  sending_ = scheduler.Spawn("traces", [this](const Context& context) { exporter_->Run(context); });
  return {};
}

std::unique_ptr<http::Transport> Tracing::Traced(std::unique_ptr<http::Transport> next,
                                                 trace::Propagation propagation) const {
  if (!tracer_->keeps()) return next;
  return std::make_unique<OwningTracedTransport>(std::move(next), propagation);
}

namespace {

runtime::FollowingCounter CounterOf(runtime::Metrics& metrics, const std::string& outcome) {
  return runtime::FollowingCounter(metrics.counter(
      "capstan_trace_spans_total", "Spans of traces, by what became of them.", {{"outcome", outcome}}));
}

}  // namespace

SpanCounters::SpanCounters(runtime::Metrics& metrics)
    : exported_(CounterOf(metrics, "exported")),
      dropped_(CounterOf(metrics, "dropped")),
      failed_(CounterOf(metrics, "failed")) {}

void SpanCounters::Follow(const trace::ExportCounts& counts) {
  exported_.Follow(static_cast<double>(counts.exported));
  dropped_.Follow(static_cast<double>(counts.dropped));
  failed_.Follow(static_cast<double>(counts.failed));
}

}  // namespace capstan::program
