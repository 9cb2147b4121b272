// Private to this folder: the protocol of client-go credential plugins
// (client.authentication.k8s.io/v1 and v1beta1): what we tell the plugin, and what its answer
// means. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <capstan/core/base/process.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/kube/cluster_access.hpp>

namespace capstan::kube {

// The command with KUBERNETES_EXEC_INFO in its environment. REQUIRES: access.exec.
Command MakeExecCommand(const ClusterAccess& access);

struct ExecAnswer {
  Secret token;
  std::string certificate_pem;
  Secret key_pem;
  std::optional<WallTime> expires;
};
// What the plugin printed. Errors: kUnauthenticated, naming the plugin and never its output.
Result<ExecAnswer> ParseExecAnswer(const ExecCommand& plugin, std::string_view output);

}  // namespace capstan::kube
