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

std::string Cure(const Visit& visit, const std::string& name) {
  const auto slash = name.find('/');
  const auto& keys = visit.setting.info.credential_keys;
  std::string text =
      StrCat("kubectl create secret generic ", name.substr(slash + 1), " -n ", name.substr(0, slash));
  for (const auto& key : keys) text += StrCat(" --from-literal=", key, "=...");
  return text;
}

Result<Next> FromEnvironment(Visit& visit, external::Credentials& credentials) {
  const auto& info = visit.setting.info;
  const auto& options = visit.setting.options;
  const std::string& field = info.credentials_field;
  if (!options.environment || !Contains(options.environment_namespaces, visit.object.metadata().namespace_)) {
    return visit.Blocked(
        Reason::kCredentialsMissing,
        StrCat(field, " is not set, and this operator lends no credentials of its own to namespace ",
               visit.object.metadata().namespace_, ". Name a Secret in ", field,
               " as \"name\" or \"namespace/name\""),
        options.poll_blocked);
  }
  for (const auto& key : info.credential_keys) {
    const auto variable = info.credential_environment.find(key);
    auto value =
        variable == info.credential_environment.end() ? std::nullopt : options.environment(variable->second);
    if (!value || value->empty()) {
      return visit.Blocked(Reason::kCredentialsMissing,
                           StrCat(field, " is not set, and the operator's environment has no ",
                                  variable == info.credential_environment.end() ? key : variable->second,
                                  ". Set one of the two"),
                           options.poll_blocked);
    }
    credentials.data.emplace(key, std::move(*value));
  }
  return Next::kGoOn;
}

Result<Next> FromSecret(Visit& visit, const std::string& name, external::Credentials& credentials) {
  const auto& options = visit.setting.options;
  const auto slash = name.find('/');
  const kube::ObjectKey key{name.substr(0, slash), name.substr(slash + 1)};
  const std::string& own = visit.object.metadata().namespace_;
  if (!IsDnsLabel(key.namespace_) || !IsDnsSubdomain(key.name)) {
    return visit.Blocked(Reason::kCredentialsMissing,
                         StrCat(visit.setting.info.credentials_field, " says \"", Shorten(name, 300),
                                "\", which names no Secret; write \"name\" or \"namespace/name\""),
                         options.poll_blocked);
  }
  auto secret = visit.setting.parts.client.Get(kube::SecretKind(), key, visit.context);
  // Whoever may not use a Secret is not told whether it exists.
  const std::string forbidden = StrCat("Secret ", name, " does not exist or does not allow namespace ", own,
                                       ". Its owner can allow it: kubectl annotate secret ", key.name, " -n ",
                                       key.namespace_, " ", kAllowNamespacesAnnotation, "=", own);
  if (!secret && secret.error().code == Code::kNotFound) {
    if (key.namespace_ != own)
      return visit.Blocked(Reason::kCredentialsForbidden, forbidden, options.poll_blocked);
    return visit.Blocked(Reason::kCredentialsMissing,
                         StrCat("Secret ", name, " does not exist. Make it: ", Cure(visit, name)),
                         options.poll_blocked);
  }
  if (!secret && secret.error().code == Code::kPermissionDenied) {
    return visit.Blocked(Reason::kCredentialsForbidden,
                         StrCat("this operator may not read Secret ", name, ": ", secret.error().message),
                         options.poll_blocked);
  }
  if (!secret) return Failure(std::move(secret).error());
  if (!MayUse(*secret, own))
    return visit.Blocked(Reason::kCredentialsForbidden, forbidden, options.poll_blocked);
  for (const auto& wanted : visit.setting.info.credential_keys) {
    std::string bytes;
    // Through the tree: a key may hold any character, a JSON pointer not.
    const auto data = json::ParseObject(secret->ValueAt("/data").value_or("{}"));
    const std::string encoded = data ? json::StringIn(*data, wanted).value_or("") : "";
    if (!Base64Decode(encoded, bytes) || Trim(bytes).empty()) {
      return visit.Blocked(
          Reason::kCredentialsMissing,
          StrCat("Secret ", name, " has no usable key \"", wanted, "\". Make it: ", Cure(visit, name)),
          options.poll_blocked);
    }
    credentials.data.emplace(
        wanted, Secret(std::string(Trim(bytes))));  // a newline at the end is in every second file
  }
  visit.secret = std::move(*secret);
  return Next::kGoOn;
}

}  // namespace

Result<Next> ReadCredentials(Visit& visit) {
  external::Credentials credentials;
  if (!visit.setting.info.credential_keys.empty()) {
    const std::string name = SecretToUse(visit.object, visit.setting.info);
    CAPSTAN_TRY(const Next next,
                name.empty() ? FromEnvironment(visit, credentials) : FromSecret(visit, name, credentials));
    if (next == Next::kStop) return next;
  }
  visit.credentials = Connections::Fingerprint(credentials);
  const auto rest = visit.setting.refused_credentials->Rest(
      visit.object.uid(), visit.credentials, visit.object.generation(), visit.setting.parts.scheduler.Now());
  if (rest) {  // the condition that says so stands
    visit.again = std::min(*rest, visit.setting.options.poll_blocked);
    return Next::kStop;
  }
  auto cloud = visit.setting.connections->Get(credentials, visit.context);
  if (!cloud) {
    if (cloud.error().code == Code::kCancelled) return Failure(std::move(cloud).error());
    return visit.Blocked(Reason::kCredentialsMissing,
                         StrCat("the provider refuses the credentials: ", cloud.error().message),
                         visit.setting.options.poll_blocked);
  }
  visit.cloud = std::move(*cloud);
  visit.account = "credentials:" + visit.credentials;
  return Next::kGoOn;
}

}  // namespace capstan::managed
