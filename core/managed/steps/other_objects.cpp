// The other objects of a kind, as far as this operator may see them: with its namespaces named, a
// list of all would be refused.
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {

Result<bool> AnyOther(ReconcileContext& ctx, const kube::Kind& kind,
                      const std::function<bool(const kube::Object&)>& matches) {
  std::vector<std::string> namespaces = ctx.setting.options.namespaces;
  if (namespaces.empty() || !kind.namespaced) namespaces = {""};
  bool found = false;
  for (const std::string& name : namespaces) {
    kube::ListOptions options;
    do {
      // One is enough: the list is cut off there.
      auto head = ctx.setting.parts.client.List(
          kind, name, options,
          [&](std::string_view text) -> Status {
            CAPSTAN_TRY(const kube::Object other, kube::Object::Parse(std::string(text)));
            found = other.uid() != ctx.object.uid() && matches(other);
            return found ? Status(Fail(Code::kFailedPrecondition, "found one")) : Status();
          },
          ctx.context);
      if (found) return true;
      if (!head) return Failure(std::move(head).error());
      options.continue_token = head->continue_token;
    } while (!options.continue_token.empty());
  }
  return false;
}

}  // namespace capstan::managed
