// ConnectionWatch notifies reconcilers of connection Secrets that were edited or deleted, so that
// they are repaired immediately. It watches only metadata, of the Secrets with our label: one watch
// for all objects of all kinds.
//
// Without permission to list and watch Secrets everything else works: that is logged once, the
// permission is checked again every ten minutes, and such an edit is noticed when the object's
// Secrets are read (managed::ManagedOptions::check_limit).
//
// Call Follow before Run; Run is called by one task per namespace. Everything passed to the
// constructor and all followers must outlive it.
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

  // Receives changes of the Secrets of one kind's objects. All functions are called by the tasks of
  // Run.
  struct Follower {
    kube::Kind kind;
    // Returns null as long as there is none.
    std::function<managed::ManagedReconciler*()> reconciler;
    std::function<void(const kube::ObjectKey&)> reconcile_now;
  };
  void Follow(Follower follower) { followers_.push_back(std::move(follower)); }

  // Watches one namespace (empty: all) until the context stops.
  void Run(const std::string& namespace_, const Context& context);

 private:
  void Notify(const json::Metadata& secret, const std::string& version);
  void NotifyAll(const std::string& namespace_, const std::vector<json::Metadata>& secrets);
  // Waits until Secrets may be listed. False if the context stopped.
  bool WaitForTheRight(const std::string& namespace_, const Context& context);

  kube::Client& client_;
  Scheduler& scheduler_;
  Random& random_;
  Log& log_;
  std::vector<Follower> followers_;
};

}  // namespace capstan::assembly
