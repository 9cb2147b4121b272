#include <capstan/core/managed/credential_secret.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>

namespace capstan::managed {
namespace {

std::string Qualified(const kube::Object& object, const std::string& name) {
  if (name.empty() || name.find('/') != std::string::npos) return name;
  return object.metadata().namespace_ + "/" + name;
}

std::optional<Secret> Usable(std::string_view value) {
  if (Trim(value).empty()) return std::nullopt;
  return Secret(std::string(Trim(value)));  // files often end with a newline
}

// Keys may contain characters that a JSON pointer cannot express, so this reads the trees.
std::optional<Secret> ValueIn(const json::ObjectPtr& plain, const json::ObjectPtr& encoded,
                              const std::string& key) {
  if (const auto value = json::StringIn(plain, key)) return Usable(*value);
  std::string bytes;
  if (!Base64Decode(json::StringIn(encoded, key).value_or(""), bytes)) return std::nullopt;
  return Usable(bytes);
}

json::ObjectPtr MapIn(const kube::Object& secret, const char* pointer) {
  const auto parsed = json::ParseObject(secret.ValueAt(pointer).value_or("{}"));
  return parsed ? *parsed : json::MakeObject();
}

}  // namespace

std::string SecretNamed(const kube::Object& object, const std::string& field) {
  if (field.empty()) return "";
  std::string pointer = "/" + field;
  std::replace(pointer.begin(), pointer.end(), '.', '/');
  return Qualified(object, object.StringAt(pointer).value_or(""));
}

std::string SecretToUse(const kube::Object& object, const external::KindInfo& info) {
  if (object.deleting()) {
    const std::string instead(object.Annotation(kCredentialsAnnotation).value_or(""));
    if (!instead.empty()) return Qualified(object, instead);
  }
  return SecretNamed(object, info.credentials_field);
}

bool MayUse(const kube::Object& secret, const std::string& namespace_) {
  if (secret.metadata().namespace_ == namespace_) return true;
  const auto allowed = Split(secret.Annotation(kAllowNamespacesAnnotation).value_or(""), ',');
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& item) {
    return Trim(item) == "*" || (!namespace_.empty() && Trim(item) == namespace_);
  });
}

bool MayUseEnvironment(const std::vector<std::string>& allowed, const std::string& namespace_) {
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& item) { return item == "*" || item == namespace_; });
}

CredentialsRead CredentialsIn(const kube::Object& secret, const external::KindInfo& info) {
  CredentialsRead read;
  const auto plain = MapIn(secret, "/stringData"), encoded = MapIn(secret, "/data");
  for (const auto& key : info.credential_keys) {
    auto value = ValueIn(plain, encoded, key);
    if (!value) return {{}, key};
    read.credentials.data.emplace(key, std::move(*value));
  }
  return read;
}

CredentialsRead CredentialsFromEnvironment(
    const external::KindInfo& info,
    const std::function<std::optional<Secret>(const std::string& variable)>& lookup) {
  CredentialsRead read;
  for (const auto& key : info.credential_keys) {
    const auto variable = info.credential_environment.find(key);
    if (variable == info.credential_environment.end()) return {{}, key};
    const auto value = lookup ? lookup(variable->second) : std::nullopt;
    auto usable = value ? Usable(value->Reveal()) : std::nullopt;
    if (!usable) return {{}, variable->second};
    read.credentials.data.emplace(key, std::move(*usable));
  }
  return read;
}

}  // namespace capstan::managed
