// Loads kubeconfig files like kubectl. Every error is one line that names the file and the reason.
// Stateless functions, as thread-safe as `files` and `process`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/cluster_access.hpp>

namespace capstan::kube {

// Merges the files in order: if several files define the same cluster, user or context, the first
// definition wins as a whole; likewise the first current-context. Missing files are skipped unless
// all are missing. Relative paths in a file are relative to its folder. An empty `context` selects
// current-context. Errors: kNotFound (no file, no such context, or a file it names),
// kInvalidArgument (malformed, or an unsupported feature; the message names the alternative),
// kPermissionDenied, kTooLarge, kUnavailable.
Result<ClusterAccess> LoadKubeconfig(Files& files, const std::vector<std::string>& paths,
                                     const std::string& context = "");

// The configuration of a pod: the service's address from the environment, token and CA from files,
// which are reread as they rotate. Errors: kNotFound (not in a pod, or the token is not mounted).
Result<ClusterAccess> LoadInCluster(Files& files, Process& process);

// The files in KUBECONFIG, else ~/.kube/config if it exists, else none; then call LoadInCluster.
std::vector<std::string> DefaultKubeconfigPaths(Files& files, Process& process);

// Implements `--kubeconfig` and `--context`: the given file, else the defaults above, else
// in-cluster. Errors: those of LoadKubeconfig and LoadInCluster.
Result<ClusterAccess> LoadClusterAccess(Files& files, Process& process, const std::string& kubeconfig = "",
                                        const std::string& context = "");

}  // namespace capstan::kube
