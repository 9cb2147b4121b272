// ObjectWriter creates, updates and deletes objects by the rules of all kinds: names,
// resourceVersions, generation, finalizers, subresources, defaults, validation. Both requests and
// controllers write through it. Each verb has a file (object_writer_*.cpp).
//
// Thread-safe. Blocks only on the storage and on webhooks.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/local/apiserver/api/cancellation.hpp>
#include <capstan/local/apiserver/api/error.hpp>
#include <capstan/local/apiserver/api/user.hpp>
#include <capstan/local/apiserver/catalog/catalog.hpp>
#include <capstan/local/apiserver/catalog/resource.hpp>
#include <capstan/local/apiserver/schema/kinds/rules.hpp>
#include <capstan/local/apiserver/storage/object_store.hpp>
#include <capstan/local/apiserver/writing/admission.hpp>
#include <capstan/local/apiserver/writing/version_converter.hpp>

namespace capstan::apiserver {

enum class FieldValidation { kIgnore, kWarn, kStrict };

// Where and how to write.
struct WriteCall {
  ResourcePtr resource;
  // The version of the request. Objects are passed and returned in the stored shape; where a
  // webhook converts, in the shape of this version.
  const Version* version = nullptr;
  std::string namespace_;
  std::string subresource;  // "", "status", "finalize"
  std::string manager;      // for managedFields; empty: not tracked
  bool dry_run = false;
  // The object is the result of a patch, so messages blame the patch for unknown fields.
  bool patching = false;
  FieldValidation validation = FieldValidation::kWarn;
  std::vector<std::string>* warnings = nullptr;
  const Cancellation* cancellation = nullptr;  // of the request; null: never cancelled
  const User* user = nullptr;  // the writing user; null: this server itself, which skips admission
};

struct Written {
  json::ObjectPtr object;  // as stored, with its resourceVersion
  bool created = false;
  bool deleted = false;  // the object no longer exists
};

struct DeleteOptions {
  std::string uid, resource_version;  // preconditions; empty: none
  std::string propagation;            // Background, Foreground, Orphan or ""
  std::optional<std::int64_t> grace_seconds;
};

// The rules for CRDs, which depend on the other CRDs.
class CrdRules {
 public:
  virtual ~CrdRules() = default;
  // Removes unknown fields from the schemas of a CRD and returns their paths.
  virtual std::vector<std::string> DropUnknown(json::ObjectPtr crd) = 0;
  // Sets defaults and status of a CRD before it is stored. A dry run never establishes a new CRD.
  virtual void Prepare(json::ObjectPtr fresh, json::ObjectPtr old, const std::string& now, bool dry_run) = 0;
  virtual std::vector<FieldError> Validate(json::ObjectPtr fresh, json::ObjectPtr old,
                                           const Cancellation* cancellation) = 0;
  // The warnings that the client gets for an accepted CRD.
  virtual std::vector<std::string> Warnings(json::ObjectPtr fresh, json::ObjectPtr old) = 0;
  // Called after the CRD of that name was stored or removed.
  virtual void Changed(const std::string& name) = 0;
};

class ObjectWriter {
 public:
  // The references must outlive this object. Set `crds` before the first write.
  ObjectWriter(Clock& clock, Random& random, ObjectStore& store)
      : clock_(clock), random_(random), store_(store) {}
  void SetCrdRules(CrdRules* crds) { crds_ = crds; }
  // `rules` and `admission` must outlive this object; null: none.
  void SetKindRules(const KindRules* rules) { rules_ = rules; }
  void SetAdmission(Admission* admission) { admission_ = admission; }
  // Null: no CRD is converted by a webhook.
  void SetConverter(VersionConverter* converter) { converter_ = converter; }

  // Changes `object`.
  Answer<Written> Create(const WriteCall& call, json::ObjectPtr object);

  // Builds the new object from a copy of the live one; `live` is null when the object does not
  // exist (only with create_missing).
  using Change = std::function<Answer<json::ObjectPtr>(json::ObjectPtr live)>;
  struct UpdateOptions {
    bool create_missing = false;  // call the change with a null live object instead of returning 404
    // The uid in the object is a precondition; resourceVersion may be required.
    bool from_put = false;
    bool keeps_managed_fields = false;  // the change has set managedFields itself (apply)
  };
  Answer<Written> Update(const WriteCall& call, const std::string& name, const Change& change,
                         UpdateOptions options);

  Answer<Written> Delete(const WriteCall& call, const std::string& name, const DeleteOptions& options);

  std::string Now() const { return FormatRfc3339(clock_.WallNow()); }

 private:
  static constexpr int kTriesAgainstOthers = 32;  // of an update or a deletion that loses races

  Done CheckNamespace(const WriteCall& call, const std::string& name, bool creating);
  Answer<json::ObjectPtr> Admit(const WriteCall& call, json::ObjectPtr fresh, json::ObjectPtr live);
  Done DropUnknown(const WriteCall& call, const json::ObjectPtr& fresh);
  Done Validate(const WriteCall& call, json::ObjectPtr fresh, json::ObjectPtr live);
  void Track(const WriteCall& call, json::ObjectPtr live, json::ObjectPtr fresh);
  Answer<Written> CreateNamed(const WriteCall& call, json::ObjectPtr object);
  Answer<Written> UpdateOnce(const WriteCall& call, const std::string& name, const Change& change,
                             const UpdateOptions& options);
  // UpdateOnce without a live object.
  Answer<Written> CreateMissing(const WriteCall& call, const std::string& name, const Change& change,
                                const UpdateOptions& options);
  Answer<Written> DeleteOnce(const WriteCall& call, const std::string& name, const DeleteOptions& options);
  // Marks `fresh`, which has finalizers or a grace period, as being deleted.
  void BeginDeletion(const WriteCall& call, const Record& record, std::int64_t grace, json::ObjectPtr fresh);
  // Stores `fresh` over `live_record` (null: new); does nothing in a dry run.
  Answer<Written> Store(const WriteCall& call, json::ObjectPtr fresh, const RecordPtr& live_record);
  // Converts `object` from the shape of the request's version to the stored one, and back.
  Answer<json::ObjectPtr> ToStored(const WriteCall& call, const json::ObjectPtr& object);
  Answer<json::ObjectPtr> FromStored(const WriteCall& call, const json::ObjectPtr& stored);
  Answer<Written> Remove(const WriteCall& call, json::ObjectPtr last, const RecordPtr& live_record);
  // Commits and notifies the CRD rules and admission. Errors: a lost race sets `cas_lost`.
  Answer<RecordPtr> Commit(const WriteCall& call, const std::string& name, Write write);

  Clock& clock_;
  Random& random_;
  ObjectStore& store_;
  CrdRules* crds_ = nullptr;
  const KindRules* rules_ = nullptr;
  Admission* admission_ = nullptr;
  VersionConverter* converter_ = nullptr;
};

}  // namespace capstan::apiserver
