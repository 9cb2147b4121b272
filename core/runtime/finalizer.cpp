#include <capstan/core/runtime/finalizer.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>

namespace capstan::runtime {
namespace {

std::string FinalizersPatch(const kube::Object& object, const std::vector<std::string>& finalizers) {
  std::vector<std::string> quoted;
  for (const std::string& finalizer : finalizers) quoted.push_back(json::Quote(finalizer));
  return StrCat(R"({"metadata":{"resourceVersion":)", json::Quote(object.resource_version()),
                R"(,"finalizers":[)", Join(quoted, ","), "]}}");
}

}  // namespace

Result<kube::Object> AddFinalizer(kube::Client& client, const kube::Kind& kind, const kube::Object& object,
                                  const std::string& finalizer, const Context& context) {
  if (object.HasFinalizer(finalizer)) return object;
  if (object.deleting()) {
    return Fail(Code::kFailedPrecondition,
                StrCat(kind.kind, " ", object.key(), " is being deleted and takes no new finalizer"));
  }
  std::vector<std::string> finalizers = object.metadata().finalizers;
  finalizers.push_back(finalizer);
  return client.Patch(kind, object.key(), kube::PatchType::kMerge, FinalizersPatch(object, finalizers), {},
                      context);
}

Result<std::optional<kube::Object>> RemoveFinalizer(kube::Client& client, const kube::Kind& kind,
                                                    const kube::Object& object, const std::string& finalizer,
                                                    const Context& context) {
  if (!object.HasFinalizer(finalizer)) return std::optional<kube::Object>(object);
  std::vector<std::string> finalizers = object.metadata().finalizers;
  finalizers.erase(std::remove(finalizers.begin(), finalizers.end(), finalizer), finalizers.end());
  auto patched = client.Patch(kind, object.key(), kube::PatchType::kMerge,
                              FinalizersPatch(object, finalizers), {}, context);
  if (patched && patched->deleting() && patched->metadata().finalizers.empty())
    return std::optional<kube::Object>();
  if (patched) return std::optional<kube::Object>(std::move(*patched));
  if (patched.error().code == Code::kNotFound) return std::optional<kube::Object>();
  return Fail(patched.error());
}

}  // namespace capstan::runtime
