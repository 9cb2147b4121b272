// Where an embedded Kubernetes API serves and what it writes: flags of the commands that start one.
#pragma once

#include <string>

namespace capstan::app {

// The flags defined here, for CommandInfo::flags.
extern const char kServingFlags[];

struct ServingFlags {
  std::string data_dir, kubeconfig_out, ready_file;
  int apiserver_port = 0;
};
ServingFlags ReadServingFlags();

}  // namespace capstan::app
