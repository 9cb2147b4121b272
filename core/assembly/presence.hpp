// Presence tells operator processes of one cluster of each other, also those that take no part in an
// election: two that work on the same objects would undo each other's conditions without end. A
// process without --leader_elect holds the Lease of the election all the same; it does not wait for
// it.
//
// Flow: CheckAlone before anything is reconciled, then Start. While it runs, another holder is told
// of in the log once a minute. Where Leases may not be written nothing is known, and the log says so.
//
// For one thread. All it is made with must outlive it.
#pragma once

#include <memory>
#include <string>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/lease_elector.hpp>

namespace capstan::assembly {

class Presence {
 public:
  Presence(kube::Client& client, Scheduler& scheduler, Random& random, Log& log, kube::ObjectKey lease,
           std::string holder);

  // Watches the Lease for a few seconds where somebody wrote it lately: who renews it lives, and who
  // does not has crashed. Errors: kFailedPrecondition, one sentence that names the other process;
  // kCancelled.
  Status CheckAlone(const Context& context);
  void Start(runtime::Metrics& metrics);
  // Gives the Lease back.
  void Stop();

 private:
  void Watch(const Context& context);

  kube::Client& client_;
  Scheduler& scheduler_;
  Random& random_;
  Log& log_;
  const kube::ObjectKey lease_;
  const std::string holder_;
  bool unknown_ = false;  // the Lease cannot be read
  std::unique_ptr<runtime::LeaseElector> elector_;
  Task watching_;
};

}  // namespace capstan::assembly
