// FindOrphans finds cloud objects that carry this installation's owner tag and whose Kubernetes
// object is gone: they still cost money and nothing manages them. It only reads and never deletes.
//
// Flow
//
// 1. list the objects of the kind in all namespaces, and the credentials that they name, or those
//    of the environment
// 2. with each set of credentials list the whole account: items with our owner tag and an identity
// 3. list the objects again, since one may have been created meanwhile: an item owned by an
//    existing uid is no orphan, nor is one named by an object's annotation capstan.dev/external (it
//    waits for its adoption)
// 4. Get each remaining item: it must still exist, with the same tag
//
// A cloud object whose credentials no object and no environment provides is not found. Kinds whose
// cloud cannot list are skipped. An object that was abandoned on purpose is reported with the
// reason.
//
// Thread-safe; everything the search refers to must outlive the call.
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
  std::string uid;                     // of the object it was created for
  std::string phase;                   // see external::PhaseName
  std::string created_at;              // RFC 3339; empty: not known
  std::optional<double> monthly_cost;  // in the account's currency
  std::string abandoned_reason;        // why it was abandoned on purpose; empty: it was not
};

struct OrphanSearch {
  kube::Client& client;
  // Providers whose kinds are searched.
  std::vector<external::Provider*> providers;
  std::string owner_id;  // see ManagedOptions
  std::string operator_namespace = "capstan-system";
  // Environment credentials, for objects that name no Secret; null: none.
  std::function<std::optional<Secret>(const std::string& variable)> environment;
};

struct OrphanReport {
  std::vector<Orphan> orphans;  // by plugin, kind and id
  // What could not be searched, one sentence each: credentials that are missing or refused.
  std::vector<std::string> problems;
};

// Errors: those of the Kubernetes API when listing the objects of the kinds in all namespaces,
// since without that list nothing can be called an orphan; kCancelled, kDeadlineExceeded.
Result<OrphanReport> FindOrphans(const OrphanSearch& search, const Context& context);

}  // namespace capstan::managed
