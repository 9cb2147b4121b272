#include <capstan/local/apiserver/merge/apply_fields.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/local/apiserver/api/cancellation.hpp>
#include <capstan/local/apiserver/api/value.hpp>
#include <capstan/local/apiserver/merge/apply_field_set.hpp>
#include <capstan/local/apiserver/merge/apply_owners.hpp>
#include <capstan/local/apiserver/merge/apply_values.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver {
namespace {

constexpr const char* kManaged = "managedFields";
constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
// The default field manager of `kubectl apply --server-side`.
constexpr std::string_view kKubectl = "kubectl";

// The schema used for a resource without one: accepts everything.
const SchemaNode& NodeOf(const CompiledSchema* schema) {
  static const CompiledSchema anything = [] {
    auto root = std::make_shared<SchemaNode>();
    root->type = "object";
    root->preserve_unknown_fields = true;
    return CompiledSchema(std::move(root));
  }();
  return schema ? schema->with_metadata() : anything.with_metadata();
}

// Fields without an owner: the identity of the object, and fields that the server sets.
FieldSet Unowned() {
  FieldSet set;
  set.parts["f:apiVersion"].member = set.parts["f:kind"].member = set.parts["f:metadata"].member = true;
  for (const char* name :
       {"name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation",
        "managedFields", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"}) {
    set.parts["f:metadata"].parts["f:" + std::string(name)].member = true;
  }
  return set;
}

// A write through /status owns only fields of the status, and other writes own none of them.
FieldSet Reach(FieldSet set, const FieldWriter& writer) {
  if (writer.has_status && writer.subresource.empty()) set.parts.erase("f:status");
  if (writer.subresource == "status") {
    for (auto at = set.parts.begin(); at != set.parts.end();)
      at = at->first == "f:status" ? std::next(at) : set.parts.erase(at);
  }
  return Difference(set, Unowned());
}

// An apply leaves what its path does not write as it is, whatever it says of it.
void DropOutOfReach(json::ObjectPtr applied, const FieldWriter& writer) {
  const bool of_status = writer.subresource == "status";
  if (!of_status && !(writer.has_status && writer.subresource.empty())) return;
  for (const std::string& name : applied->getNames()) {
    const bool identity = name == "apiVersion" || name == "kind" || name == "metadata";
    if (!identity && (name == "status") != of_status) applied->remove(name);
  }
}

json::ArrayPtr ManagedOf(const json::ObjectPtr& object) {
  return json::ArrayIn(json::ObjectIn(object, "metadata"), kManaged);
}

void SetManaged(const json::ObjectPtr& object, const json::ArrayPtr& managed) {
  json::ObjectPtr metadata = json::ObjectIn(object, "metadata");
  if (!metadata) return;
  if (managed->size() > 0) {
    metadata->set(kManaged, managed);
  } else {
    metadata->remove(kManaged);
  }
}

// [{}] is a client's request to clear all owners.
bool IsReset(const json::ArrayPtr& managed) {
  if (!managed || managed->size() != 1) return false;
  const json::ObjectPtr entry = json::AsObject(managed->get(0));
  return entry && entry->size() == 0;
}

FieldOwner OwnerOf(const FieldWriter& writer, const char* operation) {
  return {writer.manager, operation, writer.api_version, writer.subresource, writer.time, {}};
}

FieldOwner& EntryOf(std::vector<FieldOwner>& owners, const FieldOwner& wanted) {
  for (auto& owner : owners) {
    if (owner.Is(wanted)) return owner;
  }
  owners.push_back(wanted);
  return owners.back();
}

void Change(FieldOwner& owner, FieldSet fields, const FieldWriter& writer) {
  if (owner.fields == fields) return;
  owner.fields = std::move(fields);
  owner.time = writer.time;
  owner.api_version = writer.api_version;
}

// Kubernetes keeps ten managers of an object and merges the oldest ones.
void MergeOldest(std::vector<FieldOwner>& owners) {
  constexpr std::size_t kMost = 10;
  std::vector<FieldOwner*> updates;
  for (auto& owner : owners) {
    if (owner.operation == "Update" && !owner.fields.Empty()) updates.push_back(&owner);
  }
  if (updates.size() <= kMost) return;
  std::stable_sort(updates.begin(), updates.end(),
                   [](const FieldOwner* a, const FieldOwner* b) { return a->time < b->time; });
  FieldOwner ancient{"ancient-changes", "Update", updates.front()->api_version, "", "", {}};
  for (std::size_t i = 0; i + kMost - 1 < updates.size(); ++i) {
    ancient.fields = Union(ancient.fields, updates[i]->fields);
    ancient.time = updates[i]->time;
    updates[i]->fields = {};
  }
  owners.push_back(std::move(ancient));
}

// The heading of the conflicts with one manager, as Kubernetes words it.
std::string Introduce(const FieldOwner& owner) {
  std::string text = json::Quote(owner.manager);
  if (!owner.subresource.empty()) text += " with subresource " + json::Quote(owner.subresource);
  return owner.operation == "Update" ? text + " using " + owner.api_version : text;
}

// The last applied configuration of `kubectl apply` without --server-side; "" when there is none.
std::string LastAppliedOf(const json::ObjectPtr& object) {
  const json::ObjectPtr annotations = json::ObjectIn(json::ObjectIn(object, "metadata"), "annotations");
  return annotations ? json::StringIn(annotations, kLastApplied).value_or("") : "";
}

Error Annotated(const json::ObjectPtr& applied, const std::string& version, Error error) {
  const json::ObjectPtr metadata = json::ObjectIn(applied, "metadata");
  error.message =
      StrCat("failed to create typed patch object (", json::StringIn(metadata, "namespace").value_or(""), "/",
             json::StringIn(metadata, "name").value_or(""), "; ", version,
             ", Kind=", json::StringIn(applied, "kind").value_or(""), "): ", error.message);
  return error;
}

// One server-side apply.
class Application final {
 public:
  Application(const json::ObjectPtr& live, const json::ObjectPtr& applied, const CompiledSchema* schema,
              const FieldWriter& writer)
      : node_(NodeOf(schema)), writer_(writer), applied_(applied) {
    live_ = live ? json::Clone(live) : json::ObjectPtr();
    const json::ArrayPtr managed = ManagedOf(live_);
    owners_ = ReadOwners(managed);
    if (live_ && json::ObjectIn(live_, "metadata")) json::ObjectIn(live_, "metadata")->remove(kManaged);
    if (live_ && writer.manager == kKubectl) yields_ = OfClientSideApply();
    if (!live_ || (managed && managed->size() > 0)) return;
    // Existing fields without an owner belong to this first entry.
    FieldOwner first{"before-first-apply", "Update", writer.api_version, "", writer.time, {}};
    first.fields = Reach(CompareValues(json::MakeObject(), live_, &node_).added, writer);
    owners_.push_back(std::move(first));
  }

  Result<ApplyOutcome> Run(bool force);

 private:
  json::ObjectPtr Prune(const json::Tree& merged, const FieldSet& last, const FieldSet& now,
                        const FieldOwner& self) const;
  std::vector<ApplyConflict> Settle(const Changes& changes, const FieldOwner& self, bool force);
  FieldSet OfClientSideApply() const;
  void WriteLastApplied(const json::ObjectPtr& merged) const;

  const SchemaNode& node_;
  const FieldWriter& writer_;
  json::ObjectPtr applied_;
  json::ObjectPtr live_;
  std::vector<FieldOwner> owners_;
  // Not a conflict with any owner: kubectl's client-side apply set these fields before.
  FieldSet yields_;
};

// Fields that kubectl's client-side apply set and that are unchanged since: a user who migrates to
// server-side apply can change them without a conflict.
FieldSet Application::OfClientSideApply() const {
  const auto last = json::ParseObject(LastAppliedOf(live_));
  if (!last) return {};
  const Changes since = CompareValues(*last, live_, &node_);
  return Difference(OwnedBy(*last, &node_), Union(since.modified, since.removed));
}

// Keeps the last-applied annotation up to date while it exists, so that a user can return to
// client-side apply.
void Application::WriteLastApplied(const json::ObjectPtr& merged) const {
  if (LastAppliedOf(merged).empty()) return;
  const json::ObjectPtr wish = json::Clone(applied_);
  if (json::ObjectPtr annotations = json::ObjectIn(json::ObjectIn(wish, "metadata"), "annotations"))
    annotations->remove(kLastApplied);
  json::ObjectIn(json::ObjectIn(merged, "metadata"), "annotations")
      ->set(kLastApplied, json::ToText(wish) + "\n");
}

// Removes fields that this manager applied before, does not apply now, and nobody else owns.
json::ObjectPtr Application::Prune(const json::Tree& merged, const FieldSet& last, const FieldSet& now,
                                   const FieldOwner& self) const {
  FieldSet keep = now;
  for (const auto& owner : owners_) {
    if (!owner.Is(self)) keep = Union(keep, owner.fields);
  }
  json::Tree rest;
  if (!RemoveFields(merged, Difference(last, keep), keep, &node_, rest)) return json::MakeObject();
  return json::AsObject(rest);
}

// Finds the owners of changed fields; with `force` they lose them. Removed fields lose all owners.
std::vector<ApplyConflict> Application::Settle(const Changes& changes, const FieldOwner& self, bool force) {
  const FieldSet touched = Union(changes.added, changes.modified);
  std::vector<ApplyConflict> conflicts;
  for (auto& owner : owners_) {
    if (owner.Is(self)) continue;
    const FieldSet theirs = Intersection(owner.fields, touched);
    if (!force) {
      for (const auto& path : PathsOf(Difference(theirs, yields_)))
        conflicts.push_back({Introduce(owner), path});
    }
    owner.fields = Difference(Difference(owner.fields, theirs), changes.removed);
  }
  std::sort(conflicts.begin(), conflicts.end(), [](const ApplyConflict& a, const ApplyConflict& b) {
    return std::tie(a.manager, a.field) < std::tie(b.manager, b.field);
  });
  return conflicts;
}

Result<ApplyOutcome> Application::Run(bool force) {
  const FieldOwner self = OwnerOf(writer_, "Apply");
  const FieldSet now = Reach(OwnedBy(applied_, &node_), writer_);
  const FieldSet last = EntryOf(owners_, self).fields;
  const json::Tree base = live_ ? json::Tree(live_) : json::Tree(json::MakeObject());
  const json::Tree both = MergeValues(base, applied_, &node_);
  const auto gone = [this] { return writer_.cancellation && writer_.cancellation->Requested(); };
  if (gone()) return Fail(Code::kCancelled, "the client is gone");
  const json::ObjectPtr merged = Prune(both, last, now, self);
  const Changes changes = CompareValues(base, merged, &node_, writer_.cancellation);
  if (gone()) return Fail(Code::kCancelled, "the client is gone");
  ApplyOutcome outcome;
  outcome.conflicts = Settle(changes, self, force);
  if (!outcome.conflicts.empty()) return outcome;
  Change(EntryOf(owners_, self), now, writer_);
  SetManaged(merged, WriteOwners(owners_));
  if (writer_.manager == kKubectl) WriteLastApplied(merged);
  outcome.object = merged;
  return outcome;
}

}  // namespace

void TrackUpdate(const json::ObjectPtr& live, const json::ObjectPtr& fresh, const CompiledSchema* schema,
                 const FieldWriter& writer) {
  const json::ArrayPtr sent = ManagedOf(fresh), stored = ManagedOf(live);
  if (IsReset(sent)) {
    SetManaged(fresh, json::MakeArray());
    return;
  }
  const bool uses_sent = sent && sent->size() > 0 && IsWellFormed(sent);
  std::vector<FieldOwner> owners = ReadOwners(uses_sent ? sent : stored);
  // Whose owners were forgotten stays without until an apply.
  const bool stored_before = !json::TextIn(json::ObjectIn(live, "metadata"), "uid").empty();
  if (owners.empty() && stored_before) return SetManaged(fresh, json::MakeArray());
  const SchemaNode& node = NodeOf(schema);
  const json::Tree before = live ? json::Tree(live) : json::Tree(json::MakeObject());
  const Changes changes = CompareValues(before, json::Tree(fresh), &node, writer.cancellation);
  const FieldSet mine = Reach(Union(changes.added, changes.modified), writer);
  const FieldOwner self = OwnerOf(writer, "Update");
  for (auto& owner : owners) {
    if (owner.Is(self)) continue;
    owner.fields = Difference(Difference(owner.fields, Intersection(owner.fields, mine)), changes.removed);
  }
  FieldOwner& entry = EntryOf(owners, self);
  Change(entry, Difference(Union(entry.fields, mine), changes.removed), writer);
  MergeOldest(owners);
  SetManaged(fresh, WriteOwners(std::move(owners)));
}

Result<ApplyOutcome> Apply(const json::ObjectPtr& live, const json::ObjectPtr& applied,
                           const CompiledSchema* schema, const FieldWriter& writer, bool force) {
  if (ManagedOf(applied) && ManagedOf(applied)->size() > 0) {
    return Fail(Code::kInvalidArgument, "metadata.managedFields must be nil");
  }
  const SchemaNode& node = NodeOf(schema);
  if (const Status fits = CheckApplied(applied, &node, ""); !fits)
    return Fail(Annotated(applied, writer.api_version, fits.error()));
  json::ObjectPtr wanted = json::Clone(applied);
  if (json::ObjectPtr metadata = json::ObjectIn(wanted, "metadata")) {
    // The client cannot set fields that belong to the server; kubectl sends some of them as null.
    for (const char* name : {kManaged, "creationTimestamp", "generation", "selfLink", "deletionTimestamp"})
      metadata->remove(name);
  }
  DropOutOfReach(wanted, writer);
  return Application(live, wanted, schema, writer).Run(force);
}

json::ObjectPtr ConflictStatus(const std::vector<ApplyConflict>& conflicts) {
  json::ArrayPtr causes = json::MakeArray();
  std::map<std::string, std::vector<std::string>> fields;
  for (const auto& conflict : conflicts) {
    json::ObjectPtr cause = json::MakeObject();
    cause->set("reason", std::string("FieldManagerConflict"));
    cause->set("message", "conflict with " + conflict.manager);
    cause->set("field", conflict.field);
    causes->add(cause);
    fields[conflict.manager].push_back(conflict.field);
  }
  std::string message =
      StrCat("Apply failed with ", conflicts.size(), " conflict", conflicts.size() == 1 ? "" : "s", ": ");
  bool first = true;
  for (const auto& [manager, paths] : fields) {
    message +=
        StrCat(first ? "" : "\n", paths.size() == 1 ? "conflict" : "conflicts", " with ", manager, ":");
    first = false;
    if (paths.size() == 1) message += " " + paths.front();
    for (std::size_t i = 0; paths.size() > 1 && i < paths.size(); ++i) message += "\n- " + paths[i];
  }
  json::ObjectPtr details = json::MakeObject();
  details->set("causes", causes);
  json::ObjectPtr status = json::MakeObject();
  status->set("kind", std::string("Status"));
  status->set("apiVersion", std::string("v1"));
  status->set("metadata", json::MakeObject());
  status->set("status", std::string("Failure"));
  status->set("message", message);
  status->set("reason", std::string("Conflict"));
  status->set("details", details);
  status->set("code", 409);
  return status;
}

}  // namespace capstan::apiserver
