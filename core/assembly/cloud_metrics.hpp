// Metrics of requests, as decorators of the two transports: the Kubernetes API under the names of
// client-go, clouds under our own, and the quota of each credential.
//
// How managed_operator.cpp stacks them, and why.
// - Clouds: quota → fence → measuring → network. The quota is outermost because it may wait: the
//   fence is checked after the wait, right before the first byte, and a request it refuses returns
//   its share of the quota. Measuring sees only what is sent. Nothing retries: only the core
//   decides whether a request may be repeated.
// - Kubernetes: retrying → measuring → network, so that each attempt is counted, as client-go does.
#pragma once

#include <memory>

#include <capstan/core/base/time.hpp>
#include <capstan/core/http/quota.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/runtime/metrics.hpp>

namespace capstan::assembly {

// Thread-safe. `next`, `clock` and `metrics` must outlive the result. Label `code` is the status,
// or <error> if no complete answer was received; `host` includes the port if it is not the default.
// A stream is counted when its head has arrived.
//
// rest_client_requests_total{code,method,host} and rest_client_request_duration_seconds{verb,host}.
std::unique_ptr<http::Transport> MeasureKubernetes(http::Transport& next, const Clock& clock,
                                                   runtime::Metrics& metrics);
// capstan_external_requests_total{host,method,code} and
// capstan_external_request_duration_seconds{host,method}.
std::unique_ptr<http::Transport> MeasureClouds(http::Transport& next, const Clock& clock,
                                               runtime::Metrics& metrics);

// Exposes the state of every credential, labels {account,host}; `account` is the fingerprint of the
// credential: capstan_provider_quota_remaining and _limit (only if the host reports them), _waiting
// (requests that have not been sent yet), _deferred (requests that were turned away and will be
// retried), _obstacle{cause} (1 for what they wait for), _held_seconds (how long nothing will be
// sent), _declared_per_minute, _effective_per_minute (the rate in force) and _others_per_minute
// (used by other clients). Unknown values are not exposed, and the series of a credential end when
// it is evicted or has sent nothing for a quarter of an hour.
//
// Thread-safe. Both references must outlive it.
class QuotaGauges {
 public:
  QuotaGauges(const http::QuotaTransport& quota, runtime::Metrics& metrics)
      : quota_(quota), metrics_(metrics) {}
  void Collect();

 private:
  const http::QuotaTransport& quota_;
  runtime::Metrics& metrics_;
};

}  // namespace capstan::assembly
