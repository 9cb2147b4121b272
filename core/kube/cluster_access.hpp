// ClusterAccess describes how to reach a cluster and with which credentials: a resolved kubeconfig
// context, including the contents of all files it names except those that rotate. A value: the
// program creates a transport from it (only core/net opens sockets).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/base/secret.hpp>

namespace capstan::kube {

// Impersonation of another user, like `kubectl --as`.
struct Impersonation {
  std::string user;
  std::vector<std::string> groups;
  std::string uid;
  std::vector<std::pair<std::string, std::vector<std::string>>> extra;
  bool empty() const { return user.empty(); }
  friend bool operator==(const Impersonation&, const Impersonation&) = default;
};

// A credential plugin according to client.authentication.k8s.io.
struct ExecCommand {
  std::string api_version;  // ".../v1" or ".../v1beta1"
  std::string command;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  std::string install_hint;           // shown when the command is missing
  bool provide_cluster_info = false;  // pass the cluster in KUBERNETES_EXEC_INFO
  std::string cluster_config;         // JSON from the cluster for its plugin, or empty
  friend bool operator==(const ExecCommand&, const ExecCommand&) = default;
};

struct ClusterAccess {
  // The source, for messages: "context dev of /home/me/.kube/config", "in-cluster".
  std::string origin;
  std::string server;       // "https://10.0.0.1:6443"; a path prefix is kept
  std::string ca_pem;       // empty: the system's authorities
  std::string ca_file;      // the file of ca_pem, for rereading; empty: inline
  std::string server_name;  // tls-server-name; empty: the server's host
  bool insecure_skip_verify = false;
  // From the kubeconfig; empty: use HTTPS_PROXY. May contain a password: do not log.
  std::string proxy_url;
  std::string namespace_ = "default";

  std::string certificate_pem;  // client certificate; empty: none
  Secret key_pem;
  std::string certificate_file, key_file;  // the files of these two; empty: inline
  Secret token;
  std::string token_file;  // reread regularly; takes precedence over token once it was read
  std::string username;
  Secret password;
  std::optional<ExecCommand> exec;
  Impersonation impersonate;
  friend bool operator==(const ClusterAccess&, const ClusterAccess&) = default;
};

}  // namespace capstan::kube
