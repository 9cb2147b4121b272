#include <capstan/apps/capstan/plan/credentials.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/credential_secret.hpp>
#include <capstan/core/managed/names.hpp>

namespace capstan::app {
namespace {

Failure Missing(std::string message) { return Fail(Code::kFailedPrecondition, std::move(message)); }

Result<external::Credentials> FromEnvironment(const kube::Object& object, const external::KindInfo& info,
                                              const CredentialSources& sources) {
  const std::string& own = object.metadata().namespace_;
  if (!managed::MayUseEnvironment(sources.environment_namespaces, own)) {
    return Missing(StrCat(info.credentials_field,
                          " is not set, and the operator lends no credentials of its own to namespace ", own,
                          ": name a Secret there, or add the namespace to --env-token-namespaces"));
  }
  auto read = managed::CredentialsFromEnvironment(info, sources.environment);
  if (read.missing.empty()) return std::move(read.credentials);
  return Missing(StrCat(info.credentials_field, " is not set, and the environment has no ", read.missing,
                        ": set one of the two"));
}

Result<kube::Object> ReadSecret(const kube::ObjectKey& key, const CredentialSources& sources,
                                const Context& context) {
  const auto given = sources.secrets.find(key);
  if (given != sources.secrets.end()) return given->second;
  return sources.client.Get(kube::SecretKind(), key, context);
}

}  // namespace

Result<external::Credentials> CredentialsFor(const kube::Object& object, const external::KindInfo& info,
                                             const CredentialSources& sources, const Context& context) {
  if (info.credential_keys.empty()) return external::Credentials{};
  const std::string named = managed::SecretToUse(object, info);
  if (named.empty()) return FromEnvironment(object, info, sources);
  const std::string& own = object.metadata().namespace_;
  const auto slash = named.find('/');
  const kube::ObjectKey key{named.substr(0, slash), named.substr(slash + 1)};
  if (!IsDnsLabel(key.namespace_) || !IsDnsSubdomain(key.name)) {
    return Missing(StrCat(info.credentials_field, " says \"", Shorten(named, 100),
                          "\", which names no Secret: write \"name\" or \"namespace/name\""));
  }
  auto secret = ReadSecret(key, sources, context);
  if (!secret && secret.error().code == Code::kNotFound) {
    return Missing(
        StrCat("Secret ", key.ToString(), " that ", info.credentials_field, " names does not exist"));
  }
  if (!secret) return Annotate(secret.error(), StrCat("cannot read Secret ", key.ToString()));
  if (!managed::MayUse(*secret, own)) {
    return Missing(StrCat("Secret ", key.ToString(), " does not allow namespace ", own,
                          ", so the operator would not use it: kubectl annotate secret ", key.name, " -n ",
                          key.namespace_, " ", managed::kAllowNamespacesAnnotation, "=", own));
  }
  auto read = managed::CredentialsIn(*secret, info);
  if (read.missing.empty()) return std::move(read.credentials);
  return Missing(StrCat("Secret ", key.ToString(), " has no usable key \"", read.missing, "\""));
}

}  // namespace capstan::app
