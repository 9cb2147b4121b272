// Kubernetes' built-in admission plugins, as far as operators depend on them: addresses of
// Services, priorities, tolerations and limits of pods, default storage classes, and quotas.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include <capstan/core/base/mutex.hpp>
#include <capstan/local/apiserver/admission/quotas.hpp>
#include <capstan/local/apiserver/catalog/catalog.hpp>
#include <capstan/local/apiserver/storage/object_store.hpp>
#include <capstan/local/apiserver/writing/object_writer.hpp>

namespace capstan::apiserver {

// Finalizers that protect volumes and claims while they are in use.
inline constexpr const char* kClaimProtection = "kubernetes.io/pvc-protection";
inline constexpr const char* kVolumeProtection = "kubernetes.io/pv-protection";

class AdmissionPlugins final : public Admission {
 public:
  // The references must outlive this object. `next` (may be null) runs after this plugin.
  AdmissionPlugins(ObjectStore& store, const Catalog& catalog, ObjectWriter& writer, Admission* next)
      : store_(store), catalog_(catalog), writer_(writer), next_(next), quotas_(store) {}

  Answer<json::ObjectPtr> Mutate(const WriteCall& call, std::string_view operation, json::ObjectPtr fresh,
                                 json::ObjectPtr live) override;
  Done Judge(const WriteCall& call, std::string_view operation, json::ObjectPtr fresh,
             json::ObjectPtr live) override;

  void Stored(const WriteCall& call) override;

 private:
  Done AssignAddress(json::ObjectPtr service);
  Done AssignNodePorts(json::ObjectPtr service);
  Done CheckRuntimeClass(const json::ObjectPtr& pod) const;
  std::string FreeAddress() CAPSTAN_REQUIRES(mutex_);
  Done FillPod(json::ObjectPtr pod, const std::string& namespace_) const;
  void FillClaim(json::ObjectPtr claim) const;

  // Constant after construction.
  ObjectStore& store_;
  const Catalog& catalog_;
  ObjectWriter& writer_;
  Admission* const next_;
  const Quotas quotas_;

  // Guarded by mutex_.
  Mutex mutex_;
  std::uint32_t last_address_ CAPSTAN_GUARDED_BY(mutex_) = 1;   // 10.0.0.1 is the API's own
  std::int64_t last_node_port_ CAPSTAN_GUARDED_BY(mutex_) = 0;  // offset from the first port
};

}  // namespace capstan::apiserver
