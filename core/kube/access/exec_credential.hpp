// Private to this folder: the protocol of client-go credential plugins
// (client.authentication.k8s.io/v1 and v1beta1): the input of the plugin, and how its output is
// parsed. Pure functions.
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
// Parses the output of the plugin. Errors: kUnauthenticated; the message names the plugin and never
// contains its output.
Result<ExecAnswer> ParseExecAnswer(const ExecCommand& plugin, std::string_view output);

}  // namespace capstan::kube
