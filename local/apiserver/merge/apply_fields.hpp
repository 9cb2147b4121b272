// Who owns which field: metadata.managedFields, and server-side apply.
//
// Pure; thread-safe. Objects are the storage form, defaults applied. A schema (of the CRD's
// version, or built-in) says which lists are maps, sets or atomic; without one, lists are atomic
// and objects are granular.
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
  std::string time;         // now, RFC 3339 with seconds
  bool has_status = false;  // the kind has a status subresource: writes elsewhere own nothing of status
  const Cancellation* cancellation = nullptr;  // of who waits for the answer; null: never
};

// Called by create, update and patch before storing: sets metadata.managedFields of `fresh`. `live`
// is what is stored, or null at creation. The caller's own managedFields in `fresh` are used when
// they are well formed and differ from the stored ([{}] clears them all); otherwise the stored ones
// go on.
void TrackUpdate(const json::ObjectPtr& live, const json::ObjectPtr& fresh, const CompiledSchema* schema,
                 const FieldWriter& writer);

struct ApplyConflict {
  std::string manager;  // `"kubectl-edit" using v1`, as Kubernetes describes it
  std::string field;    // ".spec.replicas"
};

struct ApplyOutcome {
  json::ObjectPtr object;                // merged, with managedFields set; null when there are conflicts
  std::vector<ApplyConflict> conflicts;  // sorted; answer them with ConflictStatus
};

// Merges `applied` (apiVersion, kind, name and the fields wanted) into `live` (null: creation) for
// `writer`. Fields that the writer applied before and leaves out now are removed where nobody else
// owns them. Changing a field that another owns to another value is a conflict unless `force`.
// Defaults, pruning and validation are the caller's, after this. Errors: kInvalidArgument (an entry
// of a list-map without its key, the same key twice, managedFields in the request:
// "metadata.managedFields must be nil"), kCancelled.
Result<ApplyOutcome> Apply(const json::ObjectPtr& live, const json::ObjectPtr& applied,
                           const CompiledSchema* schema, const FieldWriter& writer, bool force);

// The 409 Status with one cause FieldManagerConflict per field.
json::ObjectPtr ConflictStatus(const std::vector<ApplyConflict>& conflicts);

}  // namespace capstan::apiserver
