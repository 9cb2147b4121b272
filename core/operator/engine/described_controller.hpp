// A controller as its ControllerSpec describes it, put on a manager: informers of its own kind, of
// its children and of what it watches, the filters between them and its queue, and the reconciler
// that calls the author's function. One thread, before the manager starts.
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
  // `workers`: for a spec that names no number. What `turn` refers to must outlive the controller.
  DescribedController(runtime::Manager& manager, ControllerParts turn, Children::Names names, int workers);
  // Once.
  runtime::Controller& AddToManager();

 private:
  using Informers = std::vector<runtime::Informer*>;
  // Those of a kind that carry the operator's label, found by the object that they belong to.
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
