// What the environment holds of secrets is moved where /proc and a core dump's list of variables do
// not show it.
#pragma once

#include <string_view>

namespace capstan::app {

// By its name (TOKEN, SECRET, PASSWORD, CREDENTIAL, KEY in it), or a proxy's URL with a password in
// it.
bool HoldsASecret(std::string_view name, std::string_view value);

// Gives each such variable a new place and overwrites the old one, which the kernel shows as
// /proc/PID/environ and systemd-coredump writes down. getenv and programs that are started go on as
// before. Call it in main before the first thread. `environment` is environ.
void HideSecretsOfEnvironment(char** environment);

}  // namespace capstan::app
