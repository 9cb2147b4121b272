#include <capstan/apps/capstan/wiring/cluster_flags.hpp>

#include <gflags/gflags.h>

#include <capstan/core/kube/kubeconfig.hpp>

DEFINE_string(
    kubeconfig, "",
    "the kubeconfig file; empty: $KUBECONFIG, then ~/.kube/config, then the pod's own service account");
DEFINE_string(context, "", "the context of the kubeconfig; empty: its current-context");

namespace capstan::app {

const char kClusterFlags[] = __FILE__;

Result<kube::ClusterAccess> AccessByFlags(Files& files, Process& process) {
  return kube::LoadClusterAccess(files, process, FLAGS_kubeconfig, FLAGS_context);
}

}  // namespace capstan::app
