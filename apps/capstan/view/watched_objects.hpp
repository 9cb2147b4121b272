// WatchedObjects follows the objects of some kinds with watches, for commands that show live
// output.
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

// For one thread. The session must be connected, and outlive it.
class WatchedObjects {
 public:
  // `namespace_` empty: all.
  WatchedObjects(Session& session, std::vector<const ServedKind*> kinds, const std::string& namespace_);
  ~WatchedObjects();

  // Waits until the first lists are complete. Errors: kCancelled, kDeadlineExceeded from the
  // context.
  Status WaitForSync(const Context& context);
  // Ordered by namespace, kind and name.
  std::vector<ObjectView> All() const;
  // nullopt when the object does not exist.
  std::optional<ObjectView> One(const ServedKind& kind, const kube::ObjectKey& key) const;

 private:
  std::vector<const ServedKind*> kinds_;
  const std::unique_ptr<runtime::Metrics> metrics_;
  const std::unique_ptr<runtime::Manager> manager_;
};

}  // namespace capstan::app
