#include <capstan/core/managed/credential_secret.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/names.hpp>

namespace capstan::managed {
namespace {

std::string Qualified(const kube::Object& object, const std::string& name) {
  if (name.empty() || name.find('/') != std::string::npos) return name;
  return object.metadata().namespace_ + "/" + name;
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

}  // namespace capstan::managed
