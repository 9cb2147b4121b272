// Worker is the process that reconciles an object: the leader, or the owner of the object's shard.
// Wiring only. For the thread of the session.
#pragma once

#include <string>

#include <capstan/apps/capstan/wiring/session.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::app {

struct Worker {
  std::string holder;  // its name in Leases: HOST_UUID, in a cluster POD_UUID; empty: none
  std::string words;   // "lease held by HOLDER, renewed 2s ago"
};

// Reads the Lease `group`, or, with shards, those of the object's shard and of its owner. Errors:
// those of reading the Lease `group`.
Result<Worker> FindWorker(Session& session, const kube::ObjectKey& group, const kube::Object& object,
                          const Context& context);

}  // namespace capstan::app
