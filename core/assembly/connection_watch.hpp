// ConnectionWatch tells reconcilers of connection Secrets that were edited or deleted, so that they
// are mended at once. It watches metadata alone, of the Secrets with our label: one watch for all
// objects, whatever kinds they are of.
//
// Without the right to list and watch Secrets everything works all the same: the log says so once,
// the right is asked for again every ten minutes, and such an edit is noticed when the object's
// Secrets are read (managed::ManagedOptions::check_limit).
//
// Follow comes before Run; Run is for one task a namespace. What it is made with, and who follows,
// must outlive it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/managed/reconciler.hpp>

namespace capstan::assembly {

class ConnectionWatch {
 public:
  ConnectionWatch(kube::Client& client, Scheduler& scheduler, Random& random, Log& log)
      : client_(client), scheduler_(scheduler), random_(random), log_(log) {}

  // Who keeps the Secrets of one kind's objects. All functions are called by the tasks of Run.
  struct Follower {
    kube::Kind kind;
    std::function<managed::ManagedReconciler*()> reconciler;  // null as long as there is none
    std::function<void(const kube::ObjectKey&)> reconcile_now;
  };
  void Follow(Follower follower) { followers_.push_back(std::move(follower)); }

  // Watches one namespace (empty: all) until the context stops.
  void Run(const std::string& namespace_, const Context& context);

 private:
  void Tell(const json::Metadata& secret, const std::string& version);
  void TellAll(const std::string& namespace_, const std::vector<json::Metadata>& secrets);
  // Waits until Secrets may be listed. False when the context stopped.
  bool WaitForTheRight(const std::string& namespace_, const Context& context);

  kube::Client& client_;
  Scheduler& scheduler_;
  Random& random_;
  Log& log_;
  std::vector<Follower> followers_;
};

}  // namespace capstan::assembly
