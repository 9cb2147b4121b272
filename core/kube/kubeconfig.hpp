// Kubeconfig files as kubectl reads them. Every error is one line that names the file and the
// reason. Functions without state, thread-safe as `files` and `process` are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/cluster_access.hpp>

namespace capstan::kube {

// Merges the files in order: of a cluster, user or context in several files the first counts,
// whole; so does the first current-context. Missing files are skipped unless all are. Relative
// paths in a file are relative to its folder. `context`: empty takes current-context. Errors:
// kNotFound (no file, no such context, or a file it names), kInvalidArgument (malformed, or
// something we cannot do: what to use instead), kPermissionDenied, kTooLarge, kUnavailable.
Result<ClusterAccess> LoadKubeconfig(Files& files, const std::vector<std::string>& paths,
                                     const std::string& context = "");

// What a pod finds: the service's address in the environment, token and CA in files, both read as
// they rotate. Errors: kNotFound (this is no pod, or the token was not mounted).
Result<ClusterAccess> LoadInCluster(Files& files, Process& process);

// The files of KUBECONFIG, else ~/.kube/config if it is there, else none: then try LoadInCluster.
std::vector<std::string> DefaultKubeconfigPaths(Files& files, Process& process);

// What `--kubeconfig` and `--context` mean: the one file if given, else the defaults above, else
// in-cluster.
Result<ClusterAccess> LoadClusterAccess(Files& files, Process& process, const std::string& kubeconfig = "",
                                        const std::string& context = "");

}  // namespace capstan::kube
