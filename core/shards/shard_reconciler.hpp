// Reconcilers around those of a kind whose objects are divided into shards. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/reconciler.hpp>

namespace capstan::shards {

// Gives an object the label of its shard. True when it had another one or none. Errors: those of
// Client::Patch; an object that is gone, or was made again, is no error.
Result<bool> LabelByUid(kube::Client& client, const kube::Kind& kind, const kube::Object& object, int shards,
                        const Context& context);

// Hands on what belongs to the shard, and labels what only looks as if it did.
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

// Labels what it is given, and nothing else.
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
