// Kinds that belong to a plugin which is not loaded. The metadata of their objects is watched, so
// that users do not wait without any explanation: each object gets a Warning Event. Nothing else is
// done with them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/runtime/event_recorder.hpp>
#include <capstan/core/runtime/manager.hpp>

namespace capstan::assembly {

// Label of a CustomResourceDefinition that names the plugin it belongs to.
inline constexpr char kPluginLabel[] = "capstan.dev/plugin";

struct UnservedKind {
  kube::Kind kind;
  std::string plugin;
};

// The kinds of all labelled CRDs whose plugin is not among `loaded`, each in its storage version.
// Errors: those of Client::ListAll.
Result<std::vector<UnservedKind>> FindUnservedKinds(kube::Client& client,
                                                    const std::vector<std::string>& loaded,
                                                    const Context& context);

// Reports the objects of one such kind. Thread-safe. Events must outlive it.
class UnservedReconciler final : public runtime::Reconciler {
 public:
  UnservedReconciler(UnservedKind unserved, std::string plugin_dir, runtime::EventRecorder& events)
      : unserved_(std::move(unserved)), plugin_dir_(std::move(plugin_dir)), events_(events) {}
  Result<runtime::Outcome> Reconcile(const runtime::Request& request, const Context& context) override;
  const UnservedKind& unserved() const { return unserved_; }

 private:
  const UnservedKind unserved_;
  const std::string plugin_dir_;
  runtime::EventRecorder& events_;
};

}  // namespace capstan::assembly
