// ObjectWriter creates, updates and deletes objects by the rules that hold for all kinds: names,
// resourceVersions, generation, finalizers, subresources, defaults, validation. Requests and
// controllers go through the same door. A file a verb (object_writer_*.cpp).
//
// Thread-safe. Blocks on nothing but the storage.
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
  // Of the request. Objects come and go in the stored shape; where a webhook converts, in that of
  // this version.
  const Version* version = nullptr;
  std::string namespace_;
  std::string subresource;  // "", "status", "finalize"
  std::string manager;      // for managedFields; empty: not tracked
  bool dry_run = false;
  bool patching = false;  // the object comes out of a patch, which is to blame for unknown fields
  FieldValidation validation = FieldValidation::kWarn;
  std::vector<std::string>* warnings = nullptr;
  const Cancellation* cancellation = nullptr;  // of who waits for the answer; null: never
  const User* user = nullptr;  // who writes; null: this server itself, which no admission looks at
};

struct Written {
  json::ObjectPtr object;  // as stored, with its resourceVersion
  bool created = false;
  bool deleted = false;  // the object is gone now
};

struct DeleteOptions {
  std::string uid, resource_version;  // preconditions; empty: none
  std::string propagation;            // Background, Foreground, Orphan or ""
  std::optional<std::int64_t> grace_seconds;
};

// CRDs have rules that need to know the other CRDs.
class CrdRules {
 public:
  virtual ~CrdRules() = default;
  // Takes what no field is out of the schemas of a CRD; its path each.
  virtual std::vector<std::string> DropUnknown(json::ObjectPtr crd) = 0;
  // Defaults and status of a CRD about to be stored. In a dry run nothing establishes a new one.
  virtual void Prepare(json::ObjectPtr fresh, json::ObjectPtr old, const std::string& now, bool dry_run) = 0;
  virtual std::vector<FieldError> Validate(json::ObjectPtr fresh, json::ObjectPtr old,
                                           const Cancellation* cancellation) = 0;
  // The warnings that the client gets for a CRD that is accepted.
  virtual std::vector<std::string> Warnings(json::ObjectPtr fresh, json::ObjectPtr old) = 0;
  // A CRD of that name was stored or removed.
  virtual void Changed(const std::string& name) = 0;
};

class ObjectWriter {
 public:
  // All must outlive this. `crds` is set before the first write.
  ObjectWriter(Clock& clock, Random& random, ObjectStore& store)
      : clock_(clock), random_(random), store_(store) {}
  void SetCrdRules(CrdRules* crds) { crds_ = crds; }
  // `rules` and `admission` must outlive this; null: none.
  void SetKindRules(const KindRules* rules) { rules_ = rules; }
  void SetAdmission(Admission* admission) { admission_ = admission; }
  // Null: no CRD is converted by a webhook.
  void SetConverter(VersionConverter* converter) { converter_ = converter; }

  // `object` is changed on the way.
  Answer<Written> Create(const WriteCall& call, json::ObjectPtr object);

  // Makes the new object from a copy of the live one; null live means there is none (only where the
  // change allows it).
  using Change = std::function<Answer<json::ObjectPtr>(json::ObjectPtr live)>;
  struct UpdateOptions {
    bool create_missing = false;  // the change is asked with a null live object instead of 404
    bool from_put = false;        // uid in the object is a precondition, resourceVersion may be required
    bool keeps_managed_fields = false;  // the change has set managedFields itself (apply)
  };
  Answer<Written> Update(const WriteCall& call, const std::string& name, const Change& change,
                         UpdateOptions options);

  Answer<Written> Delete(const WriteCall& call, const std::string& name, const DeleteOptions& options);

  std::string Now() const { return FormatRfc3339(clock_.WallNow()); }

 private:
  static constexpr int kTriesAgainstOthers = 32;  // of an update or a deletion that loses a race

  Done CheckNamespace(const WriteCall& call, const std::string& name, bool creating);
  Answer<json::ObjectPtr> Admit(const WriteCall& call, json::ObjectPtr fresh, json::ObjectPtr live);
  Done DropUnknown(const WriteCall& call, const json::ObjectPtr& fresh);
  Done Validate(const WriteCall& call, json::ObjectPtr fresh, json::ObjectPtr live);
  void Track(const WriteCall& call, json::ObjectPtr live, json::ObjectPtr fresh);
  Answer<Written> CreateNamed(const WriteCall& call, json::ObjectPtr object);
  Answer<Written> UpdateOnce(const WriteCall& call, const std::string& name, const Change& change,
                             const UpdateOptions& options);
  // What UpdateOnce does where there is no live object.
  Answer<Written> CreateMissing(const WriteCall& call, const std::string& name, const Change& change,
                                const UpdateOptions& options);
  Answer<Written> DeleteOnce(const WriteCall& call, const std::string& name, const DeleteOptions& options);
  // Marks `fresh`, which finalizers or a grace period hold, as being deleted.
  void BeginDeletion(const WriteCall& call, const Record& record, std::int64_t grace, json::ObjectPtr fresh);
  // Stores `fresh` over `live_record` (null: new), or only pretends to.
  Answer<Written> Store(const WriteCall& call, json::ObjectPtr fresh, const RecordPtr& live_record);
  // `object`, which has the shape of the request's version, as it is stored; and the way back.
  Answer<json::ObjectPtr> ToStored(const WriteCall& call, const json::ObjectPtr& object);
  Answer<json::ObjectPtr> FromStored(const WriteCall& call, const json::ObjectPtr& stored);
  Answer<Written> Remove(const WriteCall& call, json::ObjectPtr last, const RecordPtr& live_record);
  // Commits and notifies the CRD rules and admission. Errors: lost races have `cas_lost`.
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
