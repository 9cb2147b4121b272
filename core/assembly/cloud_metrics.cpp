#include <capstan/core/assembly/cloud_metrics.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace capstan::assembly {
namespace {

// A plugin may send any method; a label must not take any value.
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
        .counter("capstan_external_requests_total", "Requests to clouds that left or tried to.",
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

void QuotaGauges::Set(const Account& account, const http::QuotaState* state) {
  const runtime::MetricLabels labels{{"account", account.first}, {"host", account.second}};
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  const auto told = [&](const std::optional<std::int64_t>& value) {
    return value ? static_cast<double>(*value) : nothing;
  };
  metrics_
      .gauge("capstan_provider_quota_remaining", "Requests that a credential has left, as its cloud tells.",
             labels)
      .Set(state != nullptr ? told(state->remaining) : nothing);
  metrics_.gauge("capstan_provider_quota_limit", "Requests that a credential has in all.", labels)
      .Set(state != nullptr ? told(state->limit) : nothing);
  metrics_.gauge("capstan_provider_quota_waiting", "Requests that wait for their turn.", labels)
      .Set(state != nullptr ? static_cast<double>(state->waiting) : nothing);
  metrics_
      .gauge("capstan_provider_quota_held_seconds", "How long no request will leave, as the cloud asked.",
             labels)
      .Set(state != nullptr ? std::chrono::duration<double>(state->held).count() : nothing);
}

void QuotaGauges::SetBurst(const Account& account, const http::QuotaState* state) {
  const runtime::MetricLabels labels{{"account", account.first}, {"host", account.second}};
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  const auto known = [&](double value) { return value > 0 ? value : nothing; };
  metrics_
      .gauge("capstan_provider_quota_declared_per_minute",
             "Requests a minute that a credential has, as its provider declares.", labels)
      .Set(state != nullptr ? known(state->declared_per_minute) : nothing);
  metrics_
      .gauge("capstan_provider_quota_effective_per_minute",
             "Requests a minute that are kept to just now: less after a 429, and while others use the "
             "credential.",
             labels)
      .Set(state != nullptr ? known(state->per_minute) : nothing);
  metrics_
      .gauge("capstan_provider_quota_others_per_minute",
             "Requests a minute that others make with the same credential, by what is left of its quota.",
             labels)
      .Set(state != nullptr ? state->others_per_minute : nothing);
  metrics_
      .gauge("capstan_provider_quota_deferred", "Requests that were turned away and are made again later.",
             labels)
      .Set(state != nullptr ? static_cast<double>(state->deferred) : nothing);
  static constexpr std::array<const char*, http::QuotaBudget::kCauses> kCauses = {
      "retry_after", "one_at_a_time", "in_flight", "window", "rate"};
  for (std::size_t i = 0; i < kCauses.size(); ++i) {
    auto with_cause = labels;
    with_cause.emplace("cause", kCauses[i]);
    const bool now = state != nullptr && state->why && static_cast<std::size_t>(*state->why) == i;
    metrics_
        .gauge("capstan_provider_quota_obstacle",
               "1 for what requests wait for or are turned away for just now.", with_cause)
        .Set(state != nullptr ? (now ? 1 : 0) : nothing);
  }
}

void QuotaGauges::Collect() {
  // Series cannot be taken back, so tokens that rotate for ever must not make ever more of them.
  constexpr std::size_t kMostSeries = 1000;
  const auto states = quota_.States();
  MutexLock lock(mutex_);
  std::set<Account> gone = shown_;
  for (const http::QuotaState& state : states) {
    const Account account{state.credential, state.host};
    gone.erase(account);
    if (shown_.size() >= kMostSeries && shown_.count(account) == 0) continue;
    shown_.insert(account);
    Set(account, &state);
    SetBurst(account, &state);
  }
  for (const Account& account : gone) {
    Set(account, nullptr);
    SetBurst(account, nullptr);
  }
}

}  // namespace capstan::assembly
