#include <capstan/core/shards/shard_reconciler.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/shards/placement.hpp>

namespace capstan::shards {

Result<bool> LabelByUid(kube::Client& client, const kube::Kind& kind, const kube::Object& object, int shards,
                        const Context& context) {
  const std::string label = ShardLabel(shards, ShardOf(object.uid(), shards));
  if (object.Label(kShardLabel) == label) return false;
  const auto labelled =
      client.Patch(kind, object.key(), kube::PatchType::kMerge,
                   StrCat(R"({"metadata":{"uid":)", json::Quote(object.uid()), R"(,"labels":{)",
                          json::Quote(kShardLabel), ":", json::Quote(label), "}}}"),
                   {}, context);
  // Another object of the same name has another uid and gets its own reconcile.
  if (labelled || labelled.error().code == Code::kNotFound || labelled.error().code == Code::kConflict)
    return true;
  return Annotate(labelled.error(), "labelling the object with its shard");
}

Result<runtime::Outcome> ShardReconciler::Reconcile(const runtime::Request& request, const Context& context) {
  if (request.cached) {
    const bool ours = ShardOf(request.cached->uid(), shards_) == shard_;
    if (ours) return next_->Reconcile(request, context);
    CAPSTAN_RETURN_IF_ERROR(LabelByUid(client_, kind_, *request.cached, shards_, context));
    return runtime::Outcome{};
  }
  // It is gone, or lost its label but still belongs to a shard: maybe another one of this process.
  const auto fresh = client_.Get(kind_, request.key, context);
  if (!fresh && fresh.error().code != Code::kNotFound) return Fail(fresh.error());
  if (fresh && ShardOf(fresh->uid(), shards_) != shard_) return runtime::Outcome{};
  return next_->Reconcile(request, context);
}

Result<runtime::Outcome> StrayReconciler::Reconcile(const runtime::Request& request, const Context& context) {
  if (!request.cached) return runtime::Outcome{};
  CAPSTAN_RETURN_IF_ERROR(LabelByUid(client_, kind_, *request.cached, shards_, context));
  return runtime::Outcome{};
}

}  // namespace capstan::shards
