// The flags of commands that start an embedded Kubernetes API: where it serves and which files it
// writes. Thread-safe once the arguments are parsed.
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
