// A transport that follows changes of the kubeconfig on disk: a new token, certificate, proxy or
// exec plugin takes effect without a restart.
//
// The kubeconfig is read every minute, and immediately when the server rejects the credentials.
// Changes take effect once the file was read completely and a transport could be created from it;
// until then the old settings stay in use, and the log reports the problem once. Watches over the
// old transport end as if their timeout had expired; other requests complete over it. A changed
// server is never adopted, because for this process it would be a different cluster: the log says
// that a restart is needed.
//
// MakeCredentialTransport handles the files that the kubeconfig names (certificates, tokens).
#pragma once

#include <functional>
#include <memory>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/kube/cluster_access.hpp>

namespace capstan::kube {

// Rereads the kubeconfig. Thread-safe.
using AccessLoader = std::function<Result<ClusterAccess>()>;
using ClusterConnector = std::function<Result<std::unique_ptr<http::Transport>>(const ClusterAccess&)>;

// The transport is thread-safe. Callers must not hold a Mutex. Both functions, the scheduler and
// the log must outlive it. Errors: those of `connect` for `first`.
Result<std::unique_ptr<http::Transport>> MakeFollowingTransport(ClusterAccess first, AccessLoader load,
                                                                ClusterConnector connect,
                                                                Scheduler& scheduler, Log& log);

}  // namespace capstan::kube
