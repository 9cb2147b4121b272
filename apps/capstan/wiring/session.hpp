// Session: what a command needs that looks at a cluster and its clouds and changes neither: the
// kinds of the installed plugins, and a client. Both doors let only questions through. Wiring only.
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

// One thread; what it lends is as thread-safe as its type says, and lives as long as the session.
class Session {
 public:
  Session();
  ~Session();

  // The kinds of the plugins of --plugin-dir. A plugin that is refused costs a line on standard
  // error where others are there. Errors, one line: no plugin could be loaded, or one refuses its
  // configuration.
  Status LoadKinds();
  // The cluster of --kubeconfig and --context. Errors: those of kube::LoadClusterAccess and
  // program::ConnectToCluster.
  Status Connect();

  const std::vector<ServedKind>& kinds() const { return kinds_; }
  const std::vector<std::unique_ptr<external::Provider>>& providers() const { return providers_; }
  // REQUIRES: LoadKinds succeeded. What is not of the cluster: clouds, and an operator's own pages.
  http::Transport& clouds() { return *patient_clouds_; }
  // REQUIRES: Connect succeeded, of these two.
  kube::Client& client() { return *client_; }
  // What --namespace says, else the namespace of the kubeconfig context.
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
  // Each is decorated by the next.
  std::unique_ptr<http::Transport> clouds_, asking_clouds_, patient_clouds_;
  std::unique_ptr<http::Transport> kubernetes_, asking_kubernetes_, patient_kubernetes_;
  std::unique_ptr<kube::Client> client_;
  std::string namespace_;
  std::vector<std::unique_ptr<external::Provider>> providers_;
  std::vector<ServedKind> kinds_;
};

}  // namespace capstan::app
