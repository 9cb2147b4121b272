// LiveCluster is the Kubernetes API that CAPSTAN_TEST_KUBECONFIG names: real time, real sockets,
// and its etcd where a file etcd-url lies next to the kubeconfig. Thread-safe. What cannot be
// reached ends the process with a message: there is nothing to judge then.
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

// Of the environment; empty where it is not set.
std::string Variable(const char* name);
// "embedded", and "cluster" when CAPSTAN_TEST_KUBECONFIG is set.
std::vector<std::string> ServerNames();

// Over TLS, as `access` says; `more` has all that it does not say. Errors: those of
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
  // Of the kubeconfig, without a slash at its end.
  const std::string& folder() const { return folder_; }

  // What another kubeconfig says.
  kube::ClusterAccess Load(const std::string& kubeconfig);
  // Must not outlive this.
  std::unique_ptr<http::Transport> Connect(const kube::ClusterAccess& access);
  // Makes etcd forget the past; false where nobody tells us of etcd.
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
