// The objects of a kind that this operator may see: if its namespaces are configured, a list of all
// would be refused.
#include <capstan/core/managed/credential_secret.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {

Result<bool> AnyObject(kube::Client& client, const kube::Kind& kind, std::vector<std::string> namespaces,
                       const std::function<bool(const kube::Object&)>& matches, const Context& context) {
  if (namespaces.empty() || !kind.namespaced) namespaces = {""};
  bool found = false;
  const auto look = [&](std::string_view text) -> Status {
    if (found) return {};  // one is enough: the rest of the page is not even parsed
    CAPSTAN_TRY(const kube::Object object, kube::Object::Parse(std::string(text)));
    found = matches(object);
    return {};
  };
  for (const std::string& name : namespaces) {
    kube::ListOptions options;
    do {
      CAPSTAN_TRY(const kube::ListHead head, client.List(kind, name, options, look, context));
      if (found) return true;
      options.continue_token = head.continue_token;
    } while (!options.continue_token.empty());
  }
  return false;
}

Result<bool> AnyOther(ReconcileContext& ctx, const kube::Kind& kind,
                      const std::function<bool(const kube::Object&)>& matches) {
  return AnyObject(
      ctx.client(), kind, ctx.options().namespaces,
      [&](const kube::Object& object) { return object.uid() != ctx.object.uid() && matches(object); },
      ctx.context);
}

std::set<std::string> SecretsNamed(const kube::Object& object, const external::KindInfo& info) {
  std::set<std::string> names = {SecretNamed(object, info.credentials_field), SecretToUse(object, info),
                                 ReadRecord(object).credentials};
  names.erase("");
  return names;
}

std::set<std::string> SecretsUsed(const kube::Object& object, const external::KindInfo& info) {
  return object.HasFinalizer(kFinalizer) ? SecretsNamed(object, info) : std::set<std::string>();
}

}  // namespace capstan::managed
