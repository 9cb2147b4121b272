// --kubeconfig and --context, shared by the commands that use a Kubernetes API. Thread-safe once
// the arguments are parsed.
#pragma once

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/cluster_access.hpp>

namespace capstan::app {

// The flags defined here, for CommandInfo::flags.
extern const char kClusterFlags[];

// The cluster that the flags name. Errors: those of kube::LoadClusterAccess.
Result<kube::ClusterAccess> AccessByFlags(Files& files, Process& process);

}  // namespace capstan::app
