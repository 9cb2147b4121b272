// ClusterConnection: the transport to one Kubernetes API, made of a ClusterAccess: TLS, proxy,
// credentials. Wiring only.
#pragma once

#include <memory>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/kube/cluster_access.hpp>

namespace capstan::program {

// Thread-safe transport. All references must outlive it. Errors: kInvalidArgument (certificates,
// keys, proxy), one line.
Result<std::unique_ptr<http::Transport>> ConnectToCluster(const kube::ClusterAccess& access, Files& files,
                                                          Process& process, Scheduler& scheduler, Log& log);

// The transport to everything else (clouds): the system's authorities, proxies by the environment.
Result<std::unique_ptr<http::Transport>> ConnectToClouds(Process& process);

}  // namespace capstan::program
