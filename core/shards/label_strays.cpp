#include <capstan/core/shards/label_strays.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include <capstan/core/json/scan.hpp>
#include <capstan/core/shards/placement.hpp>
#include <capstan/core/shards/shard_reconciler.hpp>

namespace capstan::shards {
namespace {

constexpr std::size_t kAtTheSameTime = 16;

// Whether an error is about this one object.
bool OnlyThisObject(Code code) {
  return code == Code::kNotFound || code == Code::kConflict || code == Code::kInvalidArgument ||
         code == Code::kPermissionDenied;
}

Status LabelPage(kube::Client& client, const kube::Kind& kind, std::vector<kube::PatchCall> page,
                 const Context& context) {
  for (auto next = page.begin(); next != page.end();) {
    const auto end = next + std::min<std::ptrdiff_t>(kAtTheSameTime, page.end() - next);
    const std::vector<kube::PatchCall> group{std::make_move_iterator(next), std::make_move_iterator(end)};
    next = end;
    for (const auto& answer : client.PatchAll(kind, group, kube::PatchType::kMerge, {}, context)) {
      if (!answer && !OnlyThisObject(answer.error().code)) return Fail(answer.error());
    }
  }
  return {};
}

}  // namespace

Status LabelStrays(kube::Client& client, const kube::Kind& kind, const std::vector<std::string>& namespaces,
                   int shards, const Context& context) {
  const bool everywhere = namespaces.empty() || !kind.namespaced;
  for (const std::string& namespace_ : everywhere ? std::vector<std::string>{""} : namespaces) {
    kube::ListOptions options;
    options.label_selector = StraySelector(shards);
    do {
      std::vector<kube::PatchCall> page;
      const auto read = [&](std::string_view item) -> Status {
        CAPSTAN_TRY(json::Metadata object, json::ScanMetadata(item));
        page.push_back({{std::move(object.namespace_), std::move(object.name)},
                        LabelPatch(object.uid, ShardLabel(shards, ShardOf(object.uid, shards)))});
        return {};
      };
      CAPSTAN_TRY(const kube::ListHead head, client.ListMetadata(kind, namespace_, options, read, context));
      CAPSTAN_RETURN_IF_ERROR(LabelPage(client, kind, std::move(page), context));
      options.continue_token = head.continue_token;
    } while (!options.continue_token.empty());
  }
  return {};
}

}  // namespace capstan::shards
