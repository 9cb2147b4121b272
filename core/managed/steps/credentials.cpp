#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/credential_secret.hpp>
#include <capstan/core/managed/memory/cloud_pool.hpp>
#include <capstan/core/managed/memory/refused_credentials.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

std::string Cure(const ReconcileContext& ctx, const std::string& name) {
  const auto slash = name.find('/');
  const auto& keys = ctx.info().credential_keys;
  std::string text =
      StrCat("kubectl create secret generic ", name.substr(slash + 1), " -n ", name.substr(0, slash));
  for (const auto& key : keys) text += StrCat(" --from-literal=", key, "=...");
  return text;
}

Result<Next> FromEnvironment(ReconcileContext& ctx, external::Credentials& credentials) {
  const auto& info = ctx.info();
  const auto& options = ctx.options();
  const std::string& field = info.credentials_field;
  if (!options.environment ||
      !MayUseEnvironment(options.environment_namespaces, ctx.object.metadata().namespace_)) {
    return ctx.Blocked(
        Reason::kCredentialsMissing,
        StrCat(field, " is not set, and this operator lends no credentials of its own to namespace ",
               ctx.object.metadata().namespace_, ". Name a Secret in ", field,
               " as \"name\" or \"namespace/name\""),
        options.poll_blocked);
  }
  CredentialsRead read = CredentialsFromEnvironment(info, options.environment);
  if (!read.missing.empty()) {
    return ctx.Blocked(Reason::kCredentialsMissing,
                       StrCat(field, " is not set, and the operator's environment has no ", read.missing,
                              ". Set one of the two"),
                       options.poll_blocked);
  }
  credentials = std::move(read.credentials);
  return Next::kGoOn;
}

Result<Next> FromSecret(ReconcileContext& ctx, const std::string& name, external::Credentials& credentials) {
  const auto& options = ctx.options();
  const auto slash = name.find('/');
  const kube::ObjectKey key{name.substr(0, slash), name.substr(slash + 1)};
  const std::string& own = ctx.object.metadata().namespace_;
  if (!IsDnsLabel(key.namespace_) || !IsDnsSubdomain(key.name)) {
    return ctx.Blocked(Reason::kCredentialsMissing,
                       StrCat(ctx.info().credentials_field, " says \"", Shorten(name, 300),
                              "\", which names no Secret; write \"name\" or \"namespace/name\""),
                       options.poll_blocked);
  }
  auto secret = ctx.client().Get(kube::SecretKind(), key, ctx.context);
  // An object that may not use a Secret does not learn whether the Secret exists.
  const std::string forbidden = StrCat("Secret ", name, " does not exist or does not allow namespace ", own,
                                       ". Its owner can allow it: kubectl annotate secret ", key.name, " -n ",
                                       key.namespace_, " ", kAllowNamespacesAnnotation, "=", own);
  if (!secret && secret.error().code == Code::kNotFound) {
    if (key.namespace_ != own)
      return ctx.Blocked(Reason::kCredentialsForbidden, forbidden, options.poll_blocked);
    return ctx.Blocked(Reason::kCredentialsMissing,
                       StrCat("Secret ", name, " does not exist. Create it: ", Cure(ctx, name)),
                       options.poll_blocked);
  }
  if (!secret && secret.error().code == Code::kPermissionDenied) {
    return ctx.BackOff(Reason::kCredentialsForbidden,
                       StrCat("this operator may not read Secret ", name, ": ", secret.error().message,
                              ". Allow it to get secrets; it is tried again within minutes"));
  }
  if (!secret) return Failure(std::move(secret).error());
  if (!MayUse(*secret, own))
    return ctx.Blocked(Reason::kCredentialsForbidden, forbidden, options.poll_blocked);
  CredentialsRead read = CredentialsIn(*secret, ctx.info());
  if (!read.missing.empty()) {
    return ctx.Blocked(
        Reason::kCredentialsMissing,
        StrCat("Secret ", name, " has no usable key \"", read.missing, "\". Create it: ", Cure(ctx, name)),
        options.poll_blocked);
  }
  credentials = std::move(read.credentials);
  ctx.secret = std::move(*secret);
  return Next::kGoOn;
}

}  // namespace

Result<Next> ReadCredentials(ReconcileContext& ctx) {
  external::Credentials credentials;
  if (!ctx.info().credential_keys.empty()) {
    const std::string name = SecretToUse(ctx.object, ctx.info());
    CAPSTAN_STEP(name.empty() ? FromEnvironment(ctx, credentials) : FromSecret(ctx, name, credentials));
  }
  ctx.credentials = CloudPool::Fingerprint(credentials);
  const auto rest = ctx.setting.refused_credentials->Remaining(ctx.object.uid(), ctx.credentials,
                                                               ctx.object.generation(), ctx.now());
  if (rest) {  // the existing condition remains valid
    ctx.failed = true;
    ctx.again = std::min(*rest, ctx.options().poll_blocked);
    return Next::kStop;
  }
  auto cloud = ctx.setting.cloud_pool->Get(credentials, ctx.context);
  if (!cloud) {
    if (cloud.error().code == Code::kCancelled) return Failure(std::move(cloud).error());
    return ctx.Blocked(Reason::kCredentialsMissing,
                       StrCat("the provider refuses the credentials: ", cloud.error().message),
                       ctx.options().poll_blocked);
  }
  ctx.cloud = RecordedCloud(std::move(*cloud), ctx.notes);
  ctx.account = "credentials:" + ctx.credentials;
  return Next::kGoOn;
}

}  // namespace capstan::managed
