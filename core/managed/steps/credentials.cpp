#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/credential_secret.hpp>
#include <capstan/core/managed/memory/connections.hpp>
#include <capstan/core/managed/memory/refused_credentials.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end() ||
         std::find(names.begin(), names.end(), "*") != names.end();
}

std::string Cure(const ReconcileContext& ctx, const std::string& name) {
  const auto slash = name.find('/');
  const auto& keys = ctx.setting.info.credential_keys;
  std::string text =
      StrCat("kubectl create secret generic ", name.substr(slash + 1), " -n ", name.substr(0, slash));
  for (const auto& key : keys) text += StrCat(" --from-literal=", key, "=...");
  return text;
}

Result<Next> FromEnvironment(ReconcileContext& ctx, external::Credentials& credentials) {
  const auto& info = ctx.setting.info;
  const auto& options = ctx.setting.options;
  const std::string& field = info.credentials_field;
  if (!options.environment || !Contains(options.environment_namespaces, ctx.object.metadata().namespace_)) {
    return ctx.Blocked(
        Reason::kCredentialsMissing,
        StrCat(field, " is not set, and this operator lends no credentials of its own to namespace ",
               ctx.object.metadata().namespace_, ". Name a Secret in ", field,
               " as \"name\" or \"namespace/name\""),
        options.poll_blocked);
  }
  for (const auto& key : info.credential_keys) {
    const auto variable = info.credential_environment.find(key);
    auto value =
        variable == info.credential_environment.end() ? std::nullopt : options.environment(variable->second);
    if (!value || value->empty()) {
      return ctx.Blocked(Reason::kCredentialsMissing,
                         StrCat(field, " is not set, and the operator's environment has no ",
                                variable == info.credential_environment.end() ? key : variable->second,
                                ". Set one of the two"),
                         options.poll_blocked);
    }
    credentials.data.emplace(key, std::move(*value));
  }
  return Next::kGoOn;
}

Result<Next> FromSecret(ReconcileContext& ctx, const std::string& name, external::Credentials& credentials) {
  const auto& options = ctx.setting.options;
  const auto slash = name.find('/');
  const kube::ObjectKey key{name.substr(0, slash), name.substr(slash + 1)};
  const std::string& own = ctx.object.metadata().namespace_;
  if (!IsDnsLabel(key.namespace_) || !IsDnsSubdomain(key.name)) {
    return ctx.Blocked(Reason::kCredentialsMissing,
                       StrCat(ctx.setting.info.credentials_field, " says \"", Shorten(name, 300),
                              "\", which names no Secret; write \"name\" or \"namespace/name\""),
                       options.poll_blocked);
  }
  auto secret = ctx.setting.parts.client.Get(kube::SecretKind(), key, ctx.context);
  // Whoever may not use a Secret is not told whether it exists.
  const std::string forbidden = StrCat("Secret ", name, " does not exist or does not allow namespace ", own,
                                       ". Its owner can allow it: kubectl annotate secret ", key.name, " -n ",
                                       key.namespace_, " ", kAllowNamespacesAnnotation, "=", own);
  if (!secret && secret.error().code == Code::kNotFound) {
    if (key.namespace_ != own)
      return ctx.Blocked(Reason::kCredentialsForbidden, forbidden, options.poll_blocked);
    return ctx.Blocked(Reason::kCredentialsMissing,
                       StrCat("Secret ", name, " does not exist. Make it: ", Cure(ctx, name)),
                       options.poll_blocked);
  }
  if (!secret && secret.error().code == Code::kPermissionDenied) {
    return ctx.Blocked(Reason::kCredentialsForbidden,
                       StrCat("this operator may not read Secret ", name, ": ", secret.error().message),
                       options.poll_blocked);
  }
  if (!secret) return Failure(std::move(secret).error());
  if (!MayUse(*secret, own))
    return ctx.Blocked(Reason::kCredentialsForbidden, forbidden, options.poll_blocked);
  for (const auto& wanted : ctx.setting.info.credential_keys) {
    std::string bytes;
    // Through the tree: a key may hold any character, a JSON pointer not.
    const auto data = json::ParseObject(secret->ValueAt("/data").value_or("{}"));
    const std::string encoded = data ? json::StringIn(*data, wanted).value_or("") : "";
    if (!Base64Decode(encoded, bytes) || Trim(bytes).empty()) {
      return ctx.Blocked(
          Reason::kCredentialsMissing,
          StrCat("Secret ", name, " has no usable key \"", wanted, "\". Make it: ", Cure(ctx, name)),
          options.poll_blocked);
    }
    credentials.data.emplace(
        wanted, Secret(std::string(Trim(bytes))));  // a newline at the end is in every second file
  }
  ctx.secret = std::move(*secret);
  return Next::kGoOn;
}

}  // namespace

Result<Next> ReadCredentials(ReconcileContext& ctx) {
  external::Credentials credentials;
  if (!ctx.setting.info.credential_keys.empty()) {
    const std::string name = SecretToUse(ctx.object, ctx.setting.info);
    CAPSTAN_TRY(const Next next,
                name.empty() ? FromEnvironment(ctx, credentials) : FromSecret(ctx, name, credentials));
    if (next == Next::kStop) return next;
  }
  ctx.credentials = Connections::Fingerprint(credentials);
  const auto rest = ctx.setting.refused_credentials->Rest(
      ctx.object.uid(), ctx.credentials, ctx.object.generation(), ctx.setting.parts.scheduler.Now());
  if (rest) {  // the condition that says so stands
    ctx.again = std::min(*rest, ctx.setting.options.poll_blocked);
    return Next::kStop;
  }
  auto cloud = ctx.setting.connections->Get(credentials, ctx.context);
  if (!cloud) {
    if (cloud.error().code == Code::kCancelled) return Failure(std::move(cloud).error());
    return ctx.Blocked(Reason::kCredentialsMissing,
                       StrCat("the provider refuses the credentials: ", cloud.error().message),
                       ctx.setting.options.poll_blocked);
  }
  ctx.cloud = std::move(*cloud);
  ctx.account = "credentials:" + ctx.credentials;
  return Next::kGoOn;
}

}  // namespace capstan::managed
