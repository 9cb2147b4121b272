#include <capstan/apps/capstan/plan/credentials.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/credential_secret.hpp>
#include <capstan/core/managed/names.hpp>

namespace capstan::app {
namespace {

Failure Missing(std::string message) { return Fail(Code::kFailedPrecondition, std::move(message)); }

Result<external::Credentials> FromEnvironment(const external::KindInfo& info,
                                              const CredentialSources& sources) {
  external::Credentials credentials;
  for (const auto& key : info.credential_keys) {
    const auto variable = info.credential_environment.find(key);
    if (variable == info.credential_environment.end())
      return Missing(StrCat(info.credentials_field, " is not set: it names the Secret with the credentials"));
    auto value = sources.environment ? sources.environment(variable->second) : std::nullopt;
    if (!value || Trim(*value).empty()) {
      return Missing(StrCat(info.credentials_field, " is not set, and the environment has no ",
                            variable->second, ": set one of the two"));
    }
    credentials.data.emplace(key, Secret(std::string(Trim(*value))));
  }
  return credentials;
}

// stringData goes before data, as when a server stores it.
std::string ValueOf(const kube::Object& secret, const std::string& key) {
  if (const auto plain = json::ParseObject(secret.ValueAt("/stringData").value_or("{}"))) {
    if (const auto value = json::StringIn(*plain, key)) return std::string(Trim(*value));
  }
  std::string bytes;
  const auto data = json::ParseObject(secret.ValueAt("/data").value_or("{}"));
  if (!data || !Base64Decode(json::StringIn(*data, key).value_or(""), bytes)) return "";
  return std::string(Trim(bytes));
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
  external::Credentials credentials;
  if (info.credential_keys.empty()) return credentials;
  const std::string named = managed::SecretToUse(object, info);
  if (named.empty()) return FromEnvironment(info, sources);
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
  for (const auto& wanted : info.credential_keys) {
    std::string value = ValueOf(*secret, wanted);
    if (value.empty())
      return Missing(StrCat("Secret ", key.ToString(), " has no usable key \"", wanted, "\""));
    credentials.data.emplace(wanted, Secret(std::move(value)));
  }
  return credentials;
}

}  // namespace capstan::app
