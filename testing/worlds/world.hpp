// World is the cluster behind a Cluster, embedded or real, and the faults between it and the
// instances of operators. Private to the folder.
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

// One instance of an operator. Its destructor is a crash.
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
  // The transport of the operator to everything except Kubernetes: the test's routes.
  virtual http::LoopbackTransport& outside() = 0;
  virtual void Compact() = 0;
  virtual bool real() const = 0;
  // Lets time pass until `done` or the limit; returns whether it is done.
  virtual bool Pass(const std::function<bool()>& done, Duration limit) = 0;
  // Calls `work` where blocking is allowed.
  virtual void Do(const std::function<void(const Context&)>& work) = 0;
  // With administrator rights.
  virtual kube::Client& client() { return *client_; }
  // Creates an instance of the operator, ready to be started.
  virtual std::unique_ptr<Life> Begin(const Operator& description, int number);
  // Whether all tasks are suspended during the call: then nothing may block.
  virtual bool still() const { return false; }
  // The number of further instances to start; resets it.
  virtual int TakeWantedReplicas() { return 0; }
  virtual bool WantsReplicas() const { return false; }

  std::string server;
  std::unique_ptr<Random> random;
  RecordingLog log;
  Trouble trouble;

 protected:
  // Call once the server and the transport exist.
  void MakeClient();
  std::unique_ptr<kube::Client> client_;
};

// For errors without which nothing can be tested: ends the process with a line on standard error.
[[noreturn]] void EndOfTest(const std::string& message);

std::unique_ptr<World> MakeRealWorld(const std::string& kubeconfig);

}  // namespace capstan::testing
