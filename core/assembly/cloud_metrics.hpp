// What the program counts of its requests, as decorators of the two doors to the outside: the
// Kubernetes API under the names of client-go, clouds under our own, and the quota of each
// credential.
//
// How managed_operator.cpp stacks them, and why.
// - Clouds: quota → fence → measuring → network. The quota is outermost because it may wait: the
//   fence is asked after the wait, right before the first byte, and what it refuses gives its share
//   of the quota back. Measuring sees only what leaves. Nothing retries: whether a request may be
//   repeated is the core's to say.
// - Kubernetes: retrying → measuring → network, so that each try is counted, as client-go does it.
#pragma once

#include <memory>

#include <capstan/core/base/time.hpp>
#include <capstan/core/http/quota.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/runtime/metrics.hpp>

namespace capstan::assembly {

// Thread-safe. `next`, `clock` and `metrics` must outlive what is made. Label `code` is the status,
// or <error> when no complete answer came; `host` has its port where that is not the usual one. A
// stream counts when its head is there.
//
// rest_client_requests_total{code,method,host} and rest_client_request_duration_seconds{verb,host}.
std::unique_ptr<http::Transport> MeasureKubernetes(http::Transport& next, const Clock& clock,
                                                   runtime::Metrics& metrics);
// capstan_external_requests_total{host,method,code} and
// capstan_external_request_duration_seconds{host,method}.
std::unique_ptr<http::Transport> MeasureClouds(http::Transport& next, const Clock& clock,
                                               runtime::Metrics& metrics);

// Shows the state of every credential, labels {account,host}; `account` is the fingerprint of the
// credential: capstan_provider_quota_remaining and _limit (only where the host tells them),
// _waiting (requests here that have not left), _deferred (those that were turned away and come
// back), _obstacle{cause} (1 for what they wait for), _held_seconds (how long nothing will leave),
// _declared_per_minute, _effective_per_minute (what is kept to just now) and _others_per_minute
// (what others use). What is not known is not shown, and the series of a credential end with it:
// when it was forgotten, or has asked nothing for a quarter of an hour.
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
