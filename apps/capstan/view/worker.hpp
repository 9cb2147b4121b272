// Worker is the process that works on an object: who leads, or the owner of the object's shard.
// Wiring only.
#pragma once

#include <string>

#include <capstan/apps/capstan/wiring/session.hpp>
#include <capstan/core/kube/object.hpp>

namespace capstan::app {

struct Worker {
  std::string holder;  // its name in Leases: HOST_UUID, in a cluster POD_UUID; empty: nobody
  std::string words;   // "lease held by HOLDER, renewed 2s ago"
};

// By the Lease `group`, or, where its holders share the work, by those of the object's shard and of
// its owner. Errors: those of reading the Lease `group`.
Result<Worker> FindWorker(Session& session, const kube::ObjectKey& group, const kube::Object& object,
                          const Context& context);

}  // namespace capstan::app
