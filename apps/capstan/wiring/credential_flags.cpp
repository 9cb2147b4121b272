#include <capstan/apps/capstan/wiring/credential_flags.hpp>

#include <gflags/gflags.h>

#include <capstan/core/base/text.hpp>

DEFINE_string(env_token_namespaces, "",
              "comma-separated namespaces whose objects may use the token from the environment when they "
              "name no Secret; * means all (default of run: none; of plan: all, so give it what run has)");

namespace capstan::app {

const char kCredentialFlags[] = __FILE__;

std::vector<std::string> CommaList(const std::string& text) {
  std::vector<std::string> items;
  for (const std::string& item : Split(text, ',')) {
    if (!Trim(item).empty()) items.emplace_back(Trim(item));
  }
  return items;
}

std::vector<std::string> EnvironmentNamespaces(const std::string& otherwise) {
  const bool given = !gflags::GetCommandLineFlagInfoOrDie("env_token_namespaces").is_default;
  return CommaList(given ? FLAGS_env_token_namespaces : otherwise);
}

}  // namespace capstan::app
