// WatchedObjects follows the objects of some kinds by watches, for commands that show them live.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <capstan/apps/capstan/plan/kinds.hpp>
#include <capstan/apps/capstan/view/object_view.hpp>
#include <capstan/apps/capstan/wiring/session.hpp>
#include <capstan/core/runtime/manager.hpp>
#include <capstan/core/runtime/metrics.hpp>

namespace capstan::app {

// One thread. The session must be connected, and outlive it.
class WatchedObjects {
 public:
  // `namespace_` empty: all.
  WatchedObjects(Session& session, std::vector<const ServedKind*> kinds, const std::string& namespace_);
  ~WatchedObjects();

  // The first lists are complete. Errors: kCancelled, kDeadlineExceeded by the context.
  Status WaitForSync(const Context& context);
  // Ordered by namespace, kind and name.
  std::vector<ObjectView> All() const;
  // Nothing when it is not there.
  std::optional<ObjectView> One(const ServedKind& kind, const kube::ObjectKey& key) const;

 private:
  std::vector<const ServedKind*> kinds_;
  const std::unique_ptr<runtime::Metrics> metrics_;
  const std::unique_ptr<runtime::Manager> manager_;
};

}  // namespace capstan::app
