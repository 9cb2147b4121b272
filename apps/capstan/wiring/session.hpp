// Session: the dependencies of a command that reads a cluster and its clouds and changes neither:
// the kinds of the installed plugins, and a client. Both connections allow only reads. Wiring only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <capstan/apps/capstan/plan/kinds.hpp>
#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/kube/client.hpp>

namespace capstan::app {

// For one thread; returned references live as long as the session and are as thread-safe as their
// types.
class Session {
 public:
  Session();
  ~Session();

  // Loads the kinds of the plugins of --plugin-dir. A refused plugin is a line on standard error if
  // others are loaded. Errors, one line: no plugin could be loaded, or one refuses its
  // configuration.
  Status LoadKinds();
  // Connects to the cluster of --kubeconfig and --context. Errors: those of kube::LoadClusterAccess
  // and program::ConnectToCluster.
  Status Connect();

  const std::vector<ServedKind>& kinds() const { return kinds_; }
  const std::vector<std::unique_ptr<external::Provider>>& providers() const { return providers_; }
  // REQUIRES: LoadKinds succeeded. For anything outside of the cluster: clouds, and an operator's
  // own pages.
  http::Transport& clouds() { return *patient_clouds_; }
  // REQUIRES: Connect succeeded, for the next two.
  kube::Client& client() { return *client_; }
  // The namespace in --namespace, otherwise that of the kubeconfig context.
  const std::string& default_namespace() const { return namespace_; }

  Scheduler& scheduler() { return scheduler_; }
  Files& files() { return *files_; }
  Process& process() { return *process_; }
  Random& random() { return *random_; }
  Log& log() { return log_; }

 private:
  ThreadScheduler scheduler_;
  const std::unique_ptr<Files> files_;
  const std::unique_ptr<Process> process_;
  const std::unique_ptr<Random> random_;
  SilentLog log_;
  // Each transport is wrapped by the next one.
  std::unique_ptr<http::Transport> clouds_, asking_clouds_, patient_clouds_;
  std::unique_ptr<http::Transport> kubernetes_, asking_kubernetes_, patient_kubernetes_;
  std::unique_ptr<kube::Client> client_;
  std::string namespace_;
  std::vector<std::unique_ptr<external::Provider>> providers_;
  std::vector<ServedKind> kinds_;
};

}  // namespace capstan::app
