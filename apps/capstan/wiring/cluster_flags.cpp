#include <capstan/apps/capstan/wiring/cluster_flags.hpp>

#include <gflags/gflags.h>

#include <capstan/core/kube/kubeconfig.hpp>

DEFINE_string(kubeconfig, "",
              "path to the kubeconfig file (default: $KUBECONFIG, then ~/.kube/config, then the service "
              "account of the pod)");
DEFINE_string(context, "", "kubeconfig context to use (default: its current-context)");

namespace capstan::app {

const char kClusterFlags[] = __FILE__;

Result<kube::ClusterAccess> AccessByFlags(Files& files, Process& process) {
  return kube::LoadClusterAccess(files, process, FLAGS_kubeconfig, FLAGS_context);
}

}  // namespace capstan::app
