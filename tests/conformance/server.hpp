// A server under test: how to reach it, how its time passes, and the few of its properties that are
// not part of the API.
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
  // Sends the credentials of an administrator.
  virtual http::Transport& transport() = 0;
  // `anonymous` sends no credentials, `forger` a token that nobody issued.
  virtual http::Transport& anonymous() = 0;
  virtual http::Transport& forger() = 0;
  virtual std::string url() const = 0;
  // Where CustomResourceDefinitions are written; the same as above unless a separate server serves
  // them.
  virtual http::Transport& crd_transport() = 0;
  virtual std::string crd_url() const = 0;
  // Makes history unavailable, like etcd's compaction; false if that is not possible from here.
  virtual bool Compact() = 0;
  // The embedded server must have every feature a case asks for.
  virtual bool embedded() const = 0;
};

// In simulated time, new and empty.
std::unique_ptr<Server> StartEmbedded();
// The cluster in CAPSTAN_TEST_KUBECONFIG. Ends the process with a message if it is unreachable.
std::unique_ptr<Server> ReachCluster();

}  // namespace capstan::conformance
