// Moves the secrets in the environment to a place that neither /proc nor the variable list of a
// core dump shows.
#pragma once

#include <string_view>

namespace capstan::app {

// Whether a variable contains a secret: by its name (with TOKEN, SECRET, PASSWORD, CREDENTIAL or
// KEY in it), or because it is a proxy URL with a password.
bool HoldsASecret(std::string_view name, std::string_view value);

// Moves each such variable and overwrites its old place, which the kernel shows as
// /proc/PID/environ and systemd-coredump records. getenv and child processes are not affected.
// REQUIRES: called in main before the first thread. `environment` is environ.
void HideSecretsOfEnvironment(char** environment);

}  // namespace capstan::app
