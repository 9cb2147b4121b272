// Field ownership: metadata.managedFields, and server-side apply.
//
// Pure; thread-safe. Objects have their storage form with defaults applied. The schema (of the
// CRD's version, or built-in) says which lists are maps, sets or atomic; without a schema, lists
// are atomic and objects are granular.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/schema/compiled.hpp>

namespace capstan::apiserver {

struct FieldWriter {
  std::string manager;      // fieldManager, or the part of User-Agent before the first "/"
  std::string api_version;  // of the request's path: "anutosh491.dev/v1alpha1"
  std::string subresource;  // "" or "status"
  std::string time;         // the current time, RFC 3339 with seconds
  // The kind has a status subresource: other writes own nothing of the status.
  bool has_status = false;
  const Cancellation* cancellation = nullptr;  // of the request; null: never cancelled
};

// Sets metadata.managedFields of `fresh`; create, update and patch call it before storing. `live`
// is the stored object, or null at creation. The managedFields that the caller put in `fresh` are
// used when they are well formed and differ from the stored ones ([{}] clears them all); otherwise
// the stored ones are continued.
void TrackUpdate(const json::ObjectPtr& live, const json::ObjectPtr& fresh, const CompiledSchema* schema,
                 const FieldWriter& writer);

struct ApplyConflict {
  std::string manager;  // `"kubectl-edit" using v1`, as Kubernetes describes it
  std::string field;    // ".spec.replicas"
};

struct ApplyOutcome {
  json::ObjectPtr object;                // merged, with managedFields set; null when there are conflicts
  std::vector<ApplyConflict> conflicts;  // sorted; pass them to ConflictStatus
};

// Merges `applied` (apiVersion, kind, name and the desired fields) into `live` (null: creation) on
// behalf of `writer`. Removes fields that the writer applied earlier and now omits, unless another
// manager owns them. Changing the value of a field that another manager owns is a conflict unless
// `force`. The caller must apply defaults, prune and validate afterwards. Errors: kInvalidArgument
// (a list-map entry without its key, the same key twice, managedFields in the request:
// "metadata.managedFields must be nil"), kCancelled.
Result<ApplyOutcome> Apply(const json::ObjectPtr& live, const json::ObjectPtr& applied,
                           const CompiledSchema* schema, const FieldWriter& writer, bool force);

// The 409 Status with one FieldManagerConflict cause for each field.
json::ObjectPtr ConflictStatus(const std::vector<ApplyConflict>& conflicts);

}  // namespace capstan::apiserver
