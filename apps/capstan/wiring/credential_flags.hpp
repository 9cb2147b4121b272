// --env-token-namespaces, shared by the commands that can use a token from the environment, and the
// syntax of lists in flags. Thread-safe once the arguments are parsed.
#pragma once

#include <string>
#include <vector>

namespace capstan::app {

// The flag defined here, for CommandInfo::flags.
extern const char kCredentialFlags[];

// Parses "a, b" into {"a", "b"}.
std::vector<std::string> CommaList(const std::string& text);
// The namespaces in the flag; `otherwise` if the flag was not given.
std::vector<std::string> EnvironmentNamespaces(const std::string& otherwise);

}  // namespace capstan::app
