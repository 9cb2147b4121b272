// A server under test: how to reach it, how its time passes, and the few things about it that are
// not the API.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::conformance {

class Server {
 public:
  virtual ~Server() = default;
  virtual Scheduler& scheduler() = 0;
  // Carries the credentials of an administrator.
  virtual http::Transport& transport() = 0;
  // Carries none, and one that nobody issued.
  virtual http::Transport& anonymous() = 0;
  virtual http::Transport& forger() = 0;
  virtual std::string url() const = 0;
  // Where CustomResourceDefinitions are written; the same as above unless a server of their own
  // serves them.
  virtual http::Transport& crd_transport() = 0;
  virtual std::string crd_url() const = 0;
  // Makes the past unavailable, as etcd's compaction does; false when that cannot be done from
  // here.
  virtual bool Compact() = 0;
  // The embedded server must have every feature a case asks for.
  virtual bool embedded() const = 0;
};

// In simulated time, new and empty.
std::unique_ptr<Server> StartEmbedded();
// The cluster of CAPSTAN_TEST_KUBECONFIG. Ends the process with a message when it cannot be
// reached.
std::unique_ptr<Server> ReachCluster();

}  // namespace capstan::conformance
