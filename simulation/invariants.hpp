// Invariants are the promises of the product as absolute statements, checked after every effect of
// every run against what the cloud really has and what the API server really holds. A broken one
// becomes a violation of the World.
//
// 1. At most one live cloud object carries the identity tag of one Kubernetes object.
// 2. What is made carries both tags; nothing that lacks the identity tag of one of our objects is
//    ever changed.
// 3. While a cloud object of ours is there, dying ones included, its Kubernetes object is there and
//    has our finalizer (policy Delete).
// 4. Status names only cloud objects that exist or existed, and no two objects the same.
// 5. A refusal that lasts for minutes shows in a condition or an event; in the log where those are
//    what is refused, where it is about no user's object, and where a list of the cloud is refused,
//    each object is observed by a request of its own instead, and the log says so.
// 6. Other tags are put only on what some object's spec.adopt names, and never on what another of
//    our objects stands for or a foreign owner has. An object that is ReadOnly, and was never
//    anything else, has nothing made and nothing tagged for it; a key to what it refers to may be
//    asked for.
// 7. Who changes the cloud holds the lease: it last renewed it no longer ago than the lease lasts
//    (lives with a lease).
// 8. Nobody starves: what a user changed is taken up within six minutes, whatever else there is to
//    do.
// 9. The end of a CustomResourceDefinition, which ends all its objects, removes nothing in the
//    cloud.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <capstan/simulation/world.hpp>

namespace capstan::simulation {

class Invariants {
 public:
  // Installs itself as the world's check. The world must outlive it or stop first.
  explicit Invariants(World& world);
  void Check(const std::string& when);
  // A user may break a promise on purpose: that object is not judged by 3 any more.
  void Excuse(const std::string& uid) { excused_.insert(uid); }

 private:
  void CheckLease(const Effect& effect);
  void CheckRefusals();
  bool GotOtherwise(const Refusal& refusal) const;
  bool HadNoPlace(const Refusal& refusal) const;
  void CheckKept(const std::string& when);
  void CheckStarving(const std::map<std::string, kube::Object>& present);
  void CheckChanges(const std::string& when, const std::map<std::string, kube::Object>& present);
  bool IsReferredTo(const std::string& id) const;
  void CheckAdoption(const CloudChange& change, const std::string& when,
                     const std::map<std::string, kube::Object>& present);
  World& world_;
  std::map<kube::ObjectKey, std::string> uids_;
  // uid, and an id or name that its spec.adopt once had.
  std::set<std::pair<std::string, std::string>> wished_;
  // What ReadOnly objects referred to, by id or name; and the uids of those that were ever anything
  // else.
  std::set<std::string> referred_, acting_;
  std::set<std::string> known_tags_, excused_, made_ids_;
  std::map<int, Instant> held_until_;  // life: how long the lease lasts that it last wrote
  // uid: the generation, and since when it waits to be taken up.
  std::map<std::string, std::pair<std::int64_t, Instant>> waiting_;
  std::size_t changes_seen_ = 0;
  std::uint64_t revision_ = 0;  // of the API server, when last looked at
};

}  // namespace capstan::simulation
