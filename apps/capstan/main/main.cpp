#include <unistd.h>

#include <csignal>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/secret_environment.hpp>
#include <capstan/core/net/tls_transport.hpp>

int main(int count, char** values) {
  capstan::app::HideSecretsOfEnvironment(environ);
  // A client that closes its connection is an error value, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  capstan::net::InitializeNetwork();
  return capstan::app::Main({values + (count > 0 ? 1 : 0), values + count});
}
