// --env-token-namespaces, shared by the commands that may use a token of the environment, and how
// lists are written in flags.
#pragma once

#include <string>
#include <vector>

namespace capstan::app {

// The flag defined here, for CommandInfo::flags.
extern const char kCredentialFlags[];

// "a, b" as {"a", "b"}.
std::vector<std::string> CommaList(const std::string& text);
// The namespaces of the flag; `otherwise` counts where it was not given.
std::vector<std::string> EnvironmentNamespaces(const std::string& otherwise);

}  // namespace capstan::app
