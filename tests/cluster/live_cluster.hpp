// LiveCluster is the Kubernetes API in CAPSTAN_TEST_KUBECONFIG: real time, real sockets, and its
// etcd if a file etcd-url is next to the kubeconfig. Thread-safe. If it is unreachable, the process
// ends with a message, because there is nothing to test then.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/kube/cluster_access.hpp>
#include <capstan/core/net/tls_transport.hpp>

namespace capstan::cluster {

// An environment variable; empty if it is not set.
std::string Variable(const char* name);
// "embedded", and "cluster" if CAPSTAN_TEST_KUBECONFIG is set.
std::vector<std::string> ServerNames();

// Connects over TLS as described by `access`; `more` provides all other options. Errors: those of
// kube::MakeCredentialTransport. All references must outlive the transport.
Result<std::unique_ptr<http::Transport>> Connect(const kube::ClusterAccess& access, Files& files,
                                                 Process& process, Scheduler& scheduler, Log& log,
                                                 net::TlsTransportOptions more = {});

class LiveCluster {
 public:
  LiveCluster();

  Scheduler& scheduler() { return scheduler_; }
  Files& files() { return *files_; }
  Process& process() { return *process_; }
  const kube::ClusterAccess& access() const { return access_; }
  // The folder of the kubeconfig, without a trailing slash.
  const std::string& folder() const { return folder_; }

  // Loads another kubeconfig.
  kube::ClusterAccess Load(const std::string& kubeconfig);
  // The result must not outlive this.
  std::unique_ptr<http::Transport> Connect(const kube::ClusterAccess& access);
  // Compacts etcd; false if its address is unknown.
  bool Compact();

 private:
  std::string PostToEtcd(const std::string& url, const std::string& body);

  ThreadScheduler scheduler_;
  SilentLog log_;
  const std::unique_ptr<Files> files_ = MakeSystemFiles();
  const std::unique_ptr<Process> process_ = MakeSystemProcess();
  std::string folder_;
  kube::ClusterAccess access_;
};

}  // namespace capstan::cluster
