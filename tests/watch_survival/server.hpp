// A server that a watch must survive: how to reach it, and how to disturb it. The suite runs with
// several: the embedded server, served over TLS in this process, and real ones (see README.md).
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
  // As an administrator, directly to the server. Definitions may be stored by another server.
  virtual kube::Client& admin() = 0;
  virtual kube::Client& crd_admin() = 0;
  // Access as an administrator.
  virtual kube::ClusterAccess access() = 0;

  // A token for a user who is allowed to list and watch the kinds of this suite in this namespace.
  virtual std::string MakeToken(const std::string& namespace_) = 0;
  // Revokes all tokens that MakeToken has issued so far.
  virtual void RevokeTokens() = 0;
  // Whether permissions can be revoked, and doing so. The embedded server has no authorization.
  virtual bool has_rights() const = 0;
  virtual void SetRights(const std::string& namespace_, bool given) = 0;

  // Discards history, like etcd's compaction.
  virtual void Compact() = 0;
  // kill -9, with no server listening; then restarts it. Start returns when it answers.
  virtual void Kill() = 0;
  virtual void Start() = 0;
  // Saves the stored state; Restore, while the server is killed, brings it back.
  virtual void TakeSnapshot() = 0;
  virtual void RestoreSnapshot() = 0;
  // A separate process, so that the memory of this one belongs to the client alone.
  virtual bool separate() const = 0;
};

std::unique_ptr<Server> StartEmbedded();
// The server in CAPSTAN_TEST_KUBECONFIG, controlled through CAPSTAN_TEST_CLUSTER_CONTROL (see
// cluster_control.sh).
std::unique_ptr<Server> ReachCluster();

// The group of all kinds of this suite, version v1.
inline constexpr const char* kGroup = "survival.capstan.dev";

}  // namespace capstan::survival
