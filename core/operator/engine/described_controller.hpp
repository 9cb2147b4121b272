// Builds the controller that a ControllerSpec describes on a manager: informers of its own kind, of
// its children and of what it watches, the filters between them and its queue, and the reconciler
// that calls the author's function. For one thread, before the manager starts.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <capstan/core/operator/engine/turn_state.hpp>
#include <capstan/core/runtime/controller.hpp>
#include <capstan/core/runtime/manager.hpp>

namespace capstan {

class DescribedController final {
 public:
  // `workers`: used by a spec that sets no number. Everything that `turn` refers to must outlive
  // the controller.
  DescribedController(runtime::Manager& manager, ControllerParts turn, Children::Names names, int workers);
  // Call once.
  runtime::Controller& AddToManager();

 private:
  using Informers = std::vector<runtime::Informer*>;
  // The children of that kind: objects with the operator's label, indexed by the object they belong
  // to.
  std::pair<Informers, std::shared_ptr<Children>> ChildrenOf(const kube::Kind& kind);
  void AddOwned(const kube::Kind& kind);
  void AddMade(const kube::Kind& kind, const runtime::Lister& ours);
  void AddWatched(const ControllerSpec::Watched& watched, const runtime::Lister& ours);

  runtime::Manager& manager_;
  ControllerParts turn_;
  const ControllerSpec& spec_;
  const Children::Names names_;
  runtime::ControllerOptions options_;
};

}  // namespace capstan
