// Reconcilers that wrap the reconciler of a kind whose objects are divided into shards.
// Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/reconciler.hpp>

namespace capstan::shards {

// Sets the label of an object's shard. True if it had another one or none. Errors: those of
// Client::Patch; an object that is gone, or was recreated, is no error.
Result<bool> LabelByUid(kube::Client& client, const kube::Kind& kind, const kube::Object& object, int shards,
                        const Context& context);

// Passes objects of this shard on, and relabels the others.
class ShardReconciler final : public runtime::Reconciler {
 public:
  // `client` must outlive it.
  ShardReconciler(kube::Client& client, kube::Kind kind, int shards, int shard,
                  std::shared_ptr<runtime::Reconciler> next)
      : client_(client), kind_(std::move(kind)), shards_(shards), shard_(shard), next_(std::move(next)) {}
  Result<runtime::Outcome> Reconcile(const runtime::Request& request, const Context& context) override;

 private:
  kube::Client& client_;
  const kube::Kind kind_;
  const int shards_, shard_;
  const std::shared_ptr<runtime::Reconciler> next_;
};

// Only labels the objects it gets.
class StrayReconciler final : public runtime::Reconciler {
 public:
  // `client` must outlive it.
  StrayReconciler(kube::Client& client, kube::Kind kind, int shards)
      : client_(client), kind_(std::move(kind)), shards_(shards) {}
  Result<runtime::Outcome> Reconcile(const runtime::Request& request, const Context& context) override;

 private:
  kube::Client& client_;
  const kube::Kind kind_;
  const int shards_;
};

}  // namespace capstan::shards
