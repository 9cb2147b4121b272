// Invariants are the guarantees of the product as absolute statements, checked after every effect
// of every run against the real content of the cloud and of the API server. A broken one becomes a
// violation of the World.
//
// 1. At most one live cloud object has the identity tag of one Kubernetes object.
// 2. Created objects have both tags; an object without the identity tag of one of our objects is
//    never changed.
// 3. While a cloud object of ours exists, even while it is being deleted, its Kubernetes object
//    exists and has our finalizer (policy Delete).
// 4. Status names only cloud objects that exist or existed, and no two objects name the same one.
// 5. A refusal that lasts for minutes appears in a condition or an event. The log is enough where
//    conditions and events are what is refused, where no user's object is concerned, and where the
//    cloud refuses a list, each object is observed by a request of its own instead, and the log
//    says so.
// 6. Other tags are put only on objects that some object's spec.adopt names, and never on one that
//    another of our objects manages or a foreign owner has. For an object that is ReadOnly, and was
//    never anything else, nothing is created and nothing tagged; a key for the object that it
//    refers to can be requested.
// 7. The process that changes the cloud has the lease: its last renewal is no older than the lease
//    duration (lives with a lease).
// 8. No object starves: a user's change is observed within six minutes, whatever else there is to
//    do.
// 9. The deletion of a CustomResourceDefinition, which deletes all its objects, removes nothing in
//    the cloud.
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
  // Installs itself as the world's check. The world must outlive this object, or stop first.
  explicit Invariants(World& world);
  void Check(const std::string& when);
  // Exempts an object from 3: a user can break that guarantee on purpose.
  void Exempt(const std::string& uid) { exempted_.insert(uid); }

 private:
  void CheckLease(const Effect& effect);
  void CheckRefusals();
  bool WasReadOneByOne(const Refusal& refusal) const;
  bool CouldNotBeReported(const Refusal& refusal) const;
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
  // Ids or names that ReadOnly objects referred to; and the uids of objects that were ever anything
  // else.
  std::set<std::string> referred_, acting_;
  std::set<std::string> known_tags_, exempted_, made_ids_;
  std::map<int, Instant> held_until_;  // life to the end of the lease that it last wrote
  // uid to the generation, and since when it has been waiting to be observed.
  std::map<std::string, std::pair<std::int64_t, Instant>> waiting_;
  std::size_t changes_seen_ = 0;
  std::uint64_t revision_ = 0;  // of the API server, at the last check
};

}  // namespace capstan::simulation
