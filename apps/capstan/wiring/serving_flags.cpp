#include <capstan/apps/capstan/wiring/serving_flags.hpp>

#include <gflags/gflags.h>

DEFINE_string(data_dir, "", "folder that keeps objects and clusters across restarts (default: in memory)");
DEFINE_int32(apiserver_port, 0, "port of the Kubernetes API on 127.0.0.1; 0 takes a free one");
DEFINE_string(kubeconfig_out, "", "write the kubeconfig to this file");
DEFINE_string(ready_file, "",
              "write JSON with kubeconfig and server (of `capstan local` also digitalocean_url and "
              "digitalocean_token) to this file when everything is ready");

namespace capstan::app {

const char kServingFlags[] = __FILE__;

ServingFlags ReadServingFlags() {
  return {FLAGS_data_dir, FLAGS_kubeconfig_out, FLAGS_ready_file, FLAGS_apiserver_port};
}

}  // namespace capstan::app
