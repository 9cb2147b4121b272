// The transport to a cluster whose kubeconfig may change on disk: a new token, certificate, proxy
// or exec plugin counts without a restart.
//
// The kubeconfig is read every minute, and at once when the server refuses who we are. What it says
// counts once it was read whole and a transport could be made of it; until then the old counts, and
// the log says so once. Watches over the old transport end as if their time were up; other requests
// are finished over it. Another server is never taken over: to this process it would be another
// cluster. The log says so, and a restart does it.
//
// Files that the kubeconfig names (certificates, tokens) are the business of
// MakeCredentialTransport.
#pragma once

#include <functional>
#include <memory>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/kube/cluster_access.hpp>

namespace capstan::kube {

// Reads the kubeconfig again. Thread-safe.
using AccessLoader = std::function<Result<ClusterAccess>()>;
using ClusterConnector = std::function<Result<std::unique_ptr<http::Transport>>(const ClusterAccess&)>;

// Thread-safe transport. Callers hold no Mutex. Both functions, the scheduler and the log must
// outlive it. Errors: those of `connect` for what was read first.
Result<std::unique_ptr<http::Transport>> MakeFollowingTransport(ClusterAccess first, AccessLoader load,
                                                                ClusterConnector connect,
                                                                Scheduler& scheduler, Log& log);

}  // namespace capstan::kube
