#include <capstan/core/assembly/unserved_kinds.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>

namespace capstan::assembly {
namespace {

// How often an Event is repeated: `kubectl describe` would lose it after an hour.
constexpr auto kTellEvery = std::chrono::minutes(30);

std::string StorageVersion(const kube::Object& crd) {
  const auto versions = json::ParseTree(crd.ValueAt("/spec/versions").value_or("[]"));
  const auto list = versions ? json::AsArray(*versions) : json::ArrayPtr();
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    const auto version = json::AsObject(list->get(static_cast<unsigned>(i)));
    if (json::BooleanIn(version, "storage").value_or(false) &&
        json::BooleanIn(version, "served").value_or(false))
      return json::StringIn(version, "name").value_or("");
  }
  return "";
}

}  // namespace

Result<std::vector<UnservedKind>> FindUnservedKinds(kube::Client& client,
                                                    const std::vector<std::string>& loaded,
                                                    const Context& context) {
  kube::ListOptions labelled;
  labelled.label_selector = kPluginLabel;
  CAPSTAN_TRY(const auto crds, client.ListAll(kube::CustomResourceDefinitionKind(), "", labelled, context));
  std::vector<UnservedKind> unserved;
  for (const kube::Object& crd : crds) {
    const std::string plugin(crd.Label(kPluginLabel).value_or(""));
    const std::string version = StorageVersion(crd);
    if (std::find(loaded.begin(), loaded.end(), plugin) != loaded.end() || version.empty() || crd.deleting())
      continue;
    kube::Kind kind{
        crd.StringAt("/spec/group").value_or(""), version, crd.StringAt("/spec/names/kind").value_or(""),
        crd.StringAt("/spec/names/plural").value_or(""), crd.StringAt("/spec/scope") != "Cluster"};
    unserved.push_back({std::move(kind), plugin});
  }
  return unserved;
}

Result<runtime::Outcome> UnservedReconciler::Reconcile(const runtime::Request& request,
                                                       const Context& context) {
  if (!request.cached) return runtime::Outcome{};
  const bool held = request.cached->HasFinalizer(managed::kFinalizer);
  std::string message = StrCat("the plugin ", unserved_.plugin,
                               " is not loaded, so this object is not reconciled. Put it into ", plugin_dir_,
                               " and restart the operator");
  if (request.cached->deleting() && held)
    message += ". Until then its cloud object stays, and so does this object";
  events_.Record(unserved_.kind, *request.cached, runtime::EventType::kWarning, "PluginMissing", message,
                 context);
  return runtime::Outcome{kTellEvery, ""};
}

}  // namespace capstan::assembly
