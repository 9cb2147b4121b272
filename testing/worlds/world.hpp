// World is the cluster behind a Cluster, embedded or real, and the trouble between it and the lives
// of operators. Private to the folder.
//
// For one thread, the driver's.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/operator/running_operator.hpp>
#include <capstan/testing/wire/wire.hpp>

namespace capstan::testing {

// One life of an operator. Destroying it is a crash.
class Life {
 public:
  virtual ~Life() = default;
  virtual const Operator& description() const = 0;
  virtual RunningOperator& running() = 0;
  virtual bool dead() const = 0;
  virtual void Kill() = 0;
};

class World {
 public:
  virtual ~World() = default;
  virtual Scheduler& scheduler() = 0;
  virtual http::Transport& transport() = 0;
  // Where the operator finds everything but Kubernetes: what the test routed.
  virtual http::LoopbackTransport& outside() = 0;
  virtual void Compact() = 0;
  virtual bool real() const = 0;
  // Lets time pass until `done` or the limit; whether it is done.
  virtual bool Pass(const std::function<bool()>& done, Duration limit) = 0;
  // Calls `work` where waiting is allowed.
  virtual void Do(const std::function<void(const Context&)>& work) = 0;
  // An administrator's.
  virtual kube::Client& client() { return *client_; }
  // A life of the operator, which waits to be started.
  virtual std::unique_ptr<Life> Begin(const Operator& description, int number);
  // Whether everything stands still while the caller looks: nothing may wait then.
  virtual bool still() const { return false; }
  // How many more lives have to begin, once.
  virtual int TakeWantedReplicas() { return 0; }
  virtual bool WantsReplicas() const { return false; }

  std::string server;
  std::unique_ptr<Random> random;
  RecordingLog log;
  Trouble trouble;

 protected:
  // When the server and the transport are there.
  void MakeClient();
  std::unique_ptr<kube::Client> client_;
};

// Errors that leave nothing to test with end the process with a line on standard error.
[[noreturn]] void EndOfTest(const std::string& message);

std::unique_ptr<World> MakeRealWorld(const std::string& kubeconfig);

}  // namespace capstan::testing
