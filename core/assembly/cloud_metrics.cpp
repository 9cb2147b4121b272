#include <capstan/core/assembly/cloud_metrics.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace capstan::assembly {
namespace {

// A plugin may send any method; the values of a label must be bounded.
std::string MethodLabel(const std::string& method) {
  static constexpr std::array<std::string_view, 7> kKnown = {"GET",   "HEAD",   "POST",   "PUT",
                                                             "PATCH", "DELETE", "OPTIONS"};
  return std::find(kKnown.begin(), kKnown.end(), method) == kKnown.end() ? "OTHER" : method;
}

std::string HostLabel(const std::string& text) {
  const auto url = http::ParseUrl(text);
  return url ? url->authority() : "<invalid>";
}

class MeasuringTransport : public http::Transport {
 public:
  MeasuringTransport(http::Transport& next, const Clock& clock, runtime::Metrics& metrics)
      : metrics_(metrics), next_(next), clock_(clock) {}

  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    const Instant begun = clock_.Now();
    auto answer = next_.Send(request, context);
    Measure(request, answer, begun);
    return answer;
  }
  // Each counts as long as all together.
  std::vector<Result<http::Response>> SendAll(std::span<const http::Request> requests,
                                              const Context& context) override {
    const Instant begun = clock_.Now();
    auto answers = next_.SendAll(requests, context);
    for (std::size_t i = 0; i < requests.size(); ++i) Measure(requests[i], answers[i], begun);
    return answers;
  }
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override {
    const Instant begun = clock_.Now();
    auto answer = next_.Open(request, context);
    Measure(request, answer, begun);
    return answer;
  }

 protected:
  virtual void Record(const std::string& host, const std::string& method, const std::string& code,
                      double seconds) = 0;
  runtime::Metrics& metrics_;

 private:
  template <class Answer>
  void Measure(const http::Request& request, const Result<Answer>& answer, Instant begun) {
    const double seconds = std::chrono::duration<double>(clock_.Now() - begun).count();
    Record(HostLabel(request.url), MethodLabel(request.method),
           answer ? std::to_string(answer->status) : "<error>", seconds);
  }
  http::Transport& next_;
  const Clock& clock_;
};

class KubernetesMeasuring final : public MeasuringTransport {
  using MeasuringTransport::MeasuringTransport;
  void Record(const std::string& host, const std::string& method, const std::string& code,
              double seconds) override {
    metrics_
        .counter("rest_client_requests_total",
                 "Number of HTTP requests, partitioned by status code, method, and host.",
                 {{"code", code}, {"method", method}, {"host", host}})
        .Add();
    metrics_
        .histogram("rest_client_request_duration_seconds", "Request latency in seconds, by verb and host.",
                   {{"verb", method}, {"host", host}})
        .Observe(seconds);
  }
};

class CloudMeasuring final : public MeasuringTransport {
  using MeasuringTransport::MeasuringTransport;
  void Record(const std::string& host, const std::string& method, const std::string& code,
              double seconds) override {
    metrics_
        .counter("capstan_external_requests_total",
                 "Requests to clouds, sent or failed before they were sent.",
                 {{"host", host}, {"method", method}, {"code", code}})
        .Add();
    metrics_
        .histogram("capstan_external_request_duration_seconds", "How long clouds took to answer.",
                   {{"host", host}, {"method", method}})
        .Observe(seconds);
  }
};

}  // namespace

std::unique_ptr<http::Transport> MeasureKubernetes(http::Transport& next, const Clock& clock,
                                                   runtime::Metrics& metrics) {
  return std::make_unique<KubernetesMeasuring>(next, clock, metrics);
}

std::unique_ptr<http::Transport> MeasureClouds(http::Transport& next, const Clock& clock,
                                               runtime::Metrics& metrics) {
  return std::make_unique<CloudMeasuring>(next, clock, metrics);
}

namespace {

using http::QuotaState;
using Shown = std::vector<std::pair<runtime::MetricLabels, double>>;

// A credential that sent no request for this long is gone or was rotated: objects are observed
// every minute.
constexpr Duration kGoneAfter = std::chrono::minutes(15);

std::optional<double> ToDouble(const std::optional<std::int64_t>& value) {
  return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
}
std::optional<double> Known(double value) { return value > 0 ? std::optional<double>(value) : std::nullopt; }

// The series of each credential; unknown values are not exposed.
struct QuotaSeries {
  const char* name;
  const char* help;
  std::optional<double> (*read)(const QuotaState&);
};
constexpr QuotaSeries kQuotaSeries[] = {
    {"capstan_provider_quota_remaining", "Requests that a credential has left, as its cloud reports.",
     [](const QuotaState& state) { return ToDouble(state.remaining); }},
    {"capstan_provider_quota_limit", "Requests that a credential has in all.",
     [](const QuotaState& state) { return ToDouble(state.limit); }},
    {"capstan_provider_quota_waiting", "Requests that wait for quota.",
     [](const QuotaState& state) { return std::optional(static_cast<double>(state.waiting)); }},
    {"capstan_provider_quota_held_seconds", "How long requests are held back, as the cloud asked.",
     [](const QuotaState& state) {
       return std::optional(std::chrono::duration<double>(state.held).count());
     }},
    {"capstan_provider_quota_declared_per_minute",
     "Requests a minute that a credential has, as its provider declares.",
     [](const QuotaState& state) { return Known(state.declared_per_minute); }},
    {"capstan_provider_quota_effective_per_minute",
     "Requests a minute that the operator allows itself now: fewer after a 429, and while others use the "
     "credential.",
     [](const QuotaState& state) { return Known(state.per_minute); }},
    {"capstan_provider_quota_others_per_minute",
     "Requests a minute that others make with the same credential, estimated from what is left of its quota.",
     [](const QuotaState& state) { return std::optional(state.others_per_minute); }},
    {"capstan_provider_quota_deferred", "Requests that were deferred, to be sent again later.",
     [](const QuotaState& state) { return std::optional(static_cast<double>(state.deferred)); }},
};
constexpr std::array<const char*, http::QuotaBudget::kCauses> kCauses = {"retry_after", "one_at_a_time",
                                                                         "in_flight", "window", "rate"};

runtime::MetricLabels LabelsOf(const QuotaState& state) {
  return {{"account", state.credential}, {"host", state.host}};
}

}  // namespace

void QuotaGauges::Collect() {
  auto states = quota_.States();
  std::erase_if(states, [](const QuotaState& state) { return state.idle >= kGoneAfter; });
  for (const QuotaSeries& series : kQuotaSeries) {
    Shown shown;
    for (const QuotaState& state : states) {
      if (const auto value = series.read(state)) shown.emplace_back(LabelsOf(state), *value);
    }
    metrics_.ShowGauges(series.name, series.help, shown);
  }
  Shown obstacles;
  for (const QuotaState& state : states) {
    for (std::size_t i = 0; i < kCauses.size(); ++i) {
      auto labels = LabelsOf(state);
      labels.emplace("cause", kCauses[i]);
      obstacles.emplace_back(std::move(labels),
                             state.why && static_cast<std::size_t>(*state.why) == i ? 1 : 0);
    }
  }
  metrics_.ShowGauges("capstan_provider_quota_obstacle",
                      "1 for what requests wait for, or are deferred for, now.", obstacles);
}

}  // namespace capstan::assembly
