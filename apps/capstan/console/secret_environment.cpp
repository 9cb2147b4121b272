#include <capstan/apps/capstan/console/secret_environment.hpp>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <capstan/core/base/text.hpp>

namespace capstan::app {

bool HoldsASecret(std::string_view name, std::string_view value) {
  const std::string lower = ToLower(name);
  for (const char* word : {"token", "secret", "password", "passwd", "credential", "key"}) {
    if (lower.find(word) != std::string::npos) return true;
  }
  return lower.find("proxy") != std::string::npos && value.find('@') != std::string_view::npos;
}

void HideSecretsOfEnvironment(char** environment) {
  std::vector<char*> secrets;  // setenv changes the list that is iterated here
  for (char** entry = environment; *entry != nullptr; ++entry) {
    const char* equals = std::strchr(*entry, '=');
    if (equals == nullptr) continue;
    const std::string_view name(*entry, static_cast<std::size_t>(equals - *entry));
    if (HoldsASecret(name, equals + 1)) secrets.push_back(*entry);
  }
  for (char* const entry : secrets) {
    char* const equals = std::strchr(entry, '=');
    const std::string name(entry, equals), value(equals + 1);
    if (::setenv(name.c_str(), value.c_str(), 1) != 0) continue;
    // volatile, because a compiler could remove writes that are never read.
    for (volatile char* at = equals + 1; *at != '\0'; ++at) *at = '*';
  }
}

}  // namespace capstan::app
