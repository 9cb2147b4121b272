// Creates the transport to one Kubernetes API from a ClusterAccess: TLS, proxy, credentials. Wiring
// only.
#pragma once

#include <memory>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/kube/cluster_access.hpp>

namespace capstan::program {

// The transport is thread-safe. All references must outlive it. Errors: kInvalidArgument
// (certificates, keys, proxy), one line.
Result<std::unique_ptr<http::Transport>> ConnectToCluster(const kube::ClusterAccess& access, Files& files,
                                                          Process& process, Scheduler& scheduler, Log& log);

// The transport to all other hosts (clouds): the system's certificate authorities, and the proxies
// of the environment; an invalid proxy fails the requests that need it. Thread-safe; `process` must
// outlive it. Never fails.
Result<std::unique_ptr<http::Transport>> ConnectToClouds(Process& process);

}  // namespace capstan::program
