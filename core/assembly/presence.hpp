// Presence tells operator processes of one cluster of each other, also those that take no part in
// an election: two that work on the same objects would undo each other's conditions without end. A
// process without --leader-elect holds the Lease of the election all the same; it does not wait for
// it.
//
// Flow: CheckAlone before anything is reconciled, then Start. Another live process is reported in
// the log and in an Event TwoOperators on the Lease: once by the one that does not start next to
// it, once a minute by one that runs. Where Leases may not be written nothing is known, and the log
// says so.
//
// For one thread. All it is made with must outlive it.
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

// What a process of some namespaces calls its Lease: those of other namespaces are in nobody's way.
// Empty `namespaces`: all of them, and the plain name.
std::string PresenceLeaseName(const std::string& name, std::vector<std::string> namespaces);

class Presence {
 public:
  Presence(kube::Client& client, Scheduler& scheduler, Random& random, Log& log,
           runtime::EventRecorder& events, kube::ObjectKey lease, std::string holder);

  // Watches the Lease for a few seconds where it was written lately: a holder that renews it is
  // alive, one that does not has crashed. Waits for an API server that is away, and says so on the
  // log once a minute. Errors: kFailedPrecondition, one sentence that names the other process;
  // kCancelled.
  Status CheckAlone(const Context& context);
  void Start(runtime::Metrics& metrics);
  // Gives the Lease back.
  void Stop();

 private:
  // The Lease, read from a server that is there. Errors: those of Client::Get that do not pass.
  Result<kube::Object> Read(const Context& context);
  void Watch(const Context& context);
  // On the Lease, where an administrator of the cluster finds it.
  void Tell(const kube::Object& lease, const std::string& what, const Context& context);

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
