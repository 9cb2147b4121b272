// A server that a watch must outlive: how to reach it, and what can be done to it. One suite speaks
// to several: the embedded server, served over TLS in this process, and real ones (see README.md).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/kube/cluster_access.hpp>

namespace capstan::survival {

class Server {
 public:
  virtual ~Server() = default;
  virtual Scheduler& scheduler() = 0;
  // As an administrator, straight to the server. Definitions may be another server's business.
  virtual kube::Client& admin() = 0;
  virtual kube::Client& crd_admin() = 0;
  // How a client reaches it as an administrator.
  virtual kube::ClusterAccess access() = 0;

  // A token for a user who may list and watch the kinds of this suite in this namespace.
  virtual std::string MakeToken(const std::string& namespace_) = 0;
  // All tokens MakeToken gave out so far are worth nothing any more.
  virtual void RevokeTokens() = 0;
  // Whether rights can be taken away, and doing it. The embedded server knows no rights.
  virtual bool has_rights() const = 0;
  virtual void SetRights(const std::string& namespace_, bool given) = 0;

  // Forgets the past, as etcd's compaction does.
  virtual void Compact() = 0;
  // kill -9 and nobody there; then the same server again. Start returns when it answers.
  virtual void Kill() = 0;
  virtual void Start() = 0;
  // What is stored now; later, while the server is killed, that again.
  virtual void TakeSnapshot() = 0;
  virtual void RestoreSnapshot() = 0;
  // A process of its own: only then our memory is the client's alone.
  virtual bool separate() const = 0;
};

std::unique_ptr<Server> StartEmbedded();
// The one that CAPSTAN_TEST_KUBECONFIG names, with CAPSTAN_TEST_CLUSTER_CONTROL (see
// cluster_control.sh) to do things to it.
std::unique_ptr<Server> ReachCluster();

// The group of all kinds of this suite, version v1.
inline constexpr const char* kGroup = "survival.capstan.dev";

}  // namespace capstan::survival
