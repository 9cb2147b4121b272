#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include <capstan/apps/capstan/apiserver/test_binaries.hpp>
#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/secret_environment.hpp>
#include <capstan/core/net/tls_transport.hpp>

int main(int count, char** values) {
  capstan::app::HideSecretsOfEnvironment(environ);
  // A client that closes its connection is an error value, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  capstan::net::InitializeNetwork();
  const std::vector<std::string> arguments(values + (count > 0 ? 1 : 0), values + count);
  if (const auto status = capstan::app::RunAsTestBinary(count > 0 ? values[0] : "", arguments))
    return *status;
  return capstan::app::Main(arguments);
}
