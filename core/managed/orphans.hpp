// FindOrphans looks for cloud objects that carry this installation's owner tag and whose Kubernetes
// object is gone: what is still paid for and nobody looks after. It only asks; nothing is ever
// deleted by it.
//
// Flow
//   1. the objects of the kind in all namespaces, and the credentials that they name, or those of
//      the environment
//   2. with each of the credentials the whole list of the cloud: what carries our owner tag and an
//      identity
//   3. the objects again, since one may have been made meanwhile: what a living uid owns is no
//      orphan, nor what an object's annotation capstan.dev/external names (it waits for its
//      adoption)
//   4. a Get of each that is left: it has to be there still, with the same tag
//
// A cloud object whose credentials no object and no environment names is not found. Kinds whose
// cloud cannot list are left out. An object that was let go on purpose is reported with the reason.
//
// Thread-safe; what the search refers to must outlive the call.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/external/external.hpp>
#include <capstan/core/kube/client.hpp>

namespace capstan::managed {

struct Orphan {
  std::string plugin, kind;
  std::string id, name;
  std::string uid;                     // of the object that it was made for
  std::string phase;                   // as external::PhaseName
  std::string created_at;              // RFC 3339; empty: not known
  std::optional<double> monthly_cost;  // in the account's currency
  std::string let_go;                  // why it was let go on purpose; empty: it was not
};

struct OrphanSearch {
  kube::Client& client;
  // Those whose kinds are searched.
  std::vector<external::Provider*> providers;
  std::string owner_id;  // see ManagedOptions
  std::string operator_namespace = "capstan-system";
  // Credentials of the environment, for clouds that no object names a Secret for; null: none.
  std::function<std::optional<Secret>(const std::string& variable)> environment;
};

struct OrphanReport {
  std::vector<Orphan> orphans;  // by plugin, kind and id
  // What could not be searched, a sentence each: credentials that are missing or refused.
  std::vector<std::string> problems;
};

// Errors: those of the Kubernetes API, of listing the kinds' objects in all namespaces: without
// them nothing can be called an orphan; kCancelled, kDeadlineExceeded.
Result<OrphanReport> FindOrphans(const OrphanSearch& search, const Context& context);

}  // namespace capstan::managed
