// CrdRegistry turns CustomResourceDefinitions into served resources: it applies their defaults and
// rules, sets their conditions, and puts the Resource into the Catalog. A CRD is established within
// the request that stores it.
//
// Thread-safe.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/local/apiserver/writing/object_writer.hpp>

namespace capstan::apiserver {

class CrdRegistry final : public CrdRules {
 public:
  // The references must outlive this object.
  CrdRegistry(ObjectStore& store, Catalog& catalog, Log& log) : store_(store), catalog_(catalog), log_(log) {}

  // Serves the CRDs in the store; called at start.
  void LoadAll();

  std::vector<std::string> DropUnknown(json::ObjectPtr crd) override;
  void Prepare(json::ObjectPtr fresh, json::ObjectPtr old, const std::string& now, bool dry_run) override;
  std::vector<FieldError> Validate(json::ObjectPtr fresh, json::ObjectPtr old,
                                   const Cancellation* cancellation) override;
  std::vector<std::string> Warnings(json::ObjectPtr fresh, json::ObjectPtr old) override;
  void Changed(const std::string& name) override;

 private:
  // Conflicts of the names with those of other CRDs: reason and message of the condition, or empty.
  struct NameConflict {
    std::string reason, message;
  };
  NameConflict FindNameConflict(json::ObjectPtr crd) const;
  void PrepareStatus(json::ObjectPtr fresh, json::ObjectPtr old, const std::string& now, bool dry_run) const;

  // Constant after construction.
  ObjectStore& store_;
  Catalog& catalog_;
  Log& log_;

  Mutex order_;  // guards no member: serializes changes of the catalog, so that the latest one wins
};

// The resource of an established CRD, or null when it serves nothing (yet). Pure.
std::shared_ptr<Resource> ResourceOf(json::ObjectPtr crd);
// Whether a CRD in one of Kubernetes' own groups is approved: the reason of its condition; empty
// for other groups. Pure.
struct ApiApproval {
  std::string reason, message;
  bool accepted = true;
};
ApiApproval ApprovalOf(const json::ObjectPtr& crd);
// The warnings for an accepted CRD: formats that are not checked. Pure.
std::vector<std::string> CrdWarnings(const json::ObjectPtr& crd, const json::ObjectPtr& old);
// The rules of a CRD that do not depend on other CRDs. Pure.
std::vector<FieldError> ValidateCrd(json::ObjectPtr crd, json::ObjectPtr old,
                                    const Cancellation* cancellation);
// Whether the condition of that type is True.
bool HasCondition(json::ObjectPtr object, std::string_view type);
// Sets a condition; keeps lastTransitionTime when the status does not change.
void SetCondition(json::ObjectPtr status, std::string_view type, bool value, std::string_view reason,
                  std::string_view message, const std::string& now);

}  // namespace capstan::apiserver
