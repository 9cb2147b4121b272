// Presence makes operator processes of one cluster notice each other, even those that take no part
// in an election: two that reconcile the same objects would overwrite each other's conditions
// forever. A process without --leader-elect holds the Lease of the election nevertheless; it does
// not wait for it.
//
// Flow: CheckAlone before anything is reconciled, then Start. Another live process is reported in
// the log and in an Event TwoOperators on the Lease: once by a process that refuses to start next
// to it, once a minute by a running one. Without permission to write Leases nothing can be
// detected, which is logged.
//
// For one thread. Everything passed to the constructor must outlive it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/event_recorder.hpp>
#include <capstan/core/runtime/lease_elector.hpp>

namespace capstan::assembly {

// Name of the Lease of a process that manages some namespaces: processes of other namespaces do not
// conflict. Empty `namespaces`: all of them, and the plain name.
std::string PresenceLeaseName(const std::string& name, std::vector<std::string> namespaces);

class Presence {
 public:
  Presence(kube::Client& client, Scheduler& scheduler, Random& random, Log& log,
           runtime::EventRecorder& events, kube::ObjectKey lease, std::string holder);

  // If the Lease was written recently, watches it for a few seconds: a holder that renews it is
  // alive, one that does not has crashed. Waits for an API server that is unreachable, and logs
  // that once a minute. Errors: kFailedPrecondition, one sentence that names the other process;
  // kCancelled.
  Status CheckAlone(const Context& context);
  void Start(runtime::Metrics& metrics);
  // Releases the Lease.
  void Stop();

 private:
  // Reads the Lease, waiting for the server. Errors: the terminal ones of Client::Get.
  Result<kube::Object> Read(const Context& context);
  void Watch(const Context& context);
  // On the Lease, where a cluster administrator finds it.
  void Report(const kube::Object& lease, const std::string& what, const Context& context);

  kube::Client& client_;
  Scheduler& scheduler_;
  Random& random_;
  Log& log_;
  runtime::EventRecorder& events_;
  const kube::ObjectKey lease_;
  const std::string holder_;
  bool unknown_ = false;  // the Lease cannot be read
  std::unique_ptr<runtime::LeaseElector> elector_;
  Task watching_;
};

}  // namespace capstan::assembly
