// ClusterAccess is how to reach one cluster and as whom: what a kubeconfig's context comes to, with
// every file it names read except those that rotate. Plain data: the program makes a transport from
// it (core/net knows sockets, not us).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/base/secret.hpp>

namespace capstan::kube {

// Acting as another user, as `kubectl --as` does.
struct Impersonation {
  std::string user;
  std::vector<std::string> groups;
  std::string uid;
  std::vector<std::pair<std::string, std::vector<std::string>>> extra;
  bool empty() const { return user.empty(); }
  friend bool operator==(const Impersonation&, const Impersonation&) = default;
};

// A credential plugin of client.authentication.k8s.io.
struct ExecCommand {
  std::string api_version;  // ".../v1" or ".../v1beta1"
  std::string command;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  std::string install_hint;           // told when the command is missing
  bool provide_cluster_info = false;  // pass the cluster in KUBERNETES_EXEC_INFO
  std::string cluster_config;         // JSON the cluster carries for its plugin, or empty
  friend bool operator==(const ExecCommand&, const ExecCommand&) = default;
};

struct ClusterAccess {
  // Where it came from, for messages: "context dev of /home/me/.kube/config", "in-cluster".
  std::string origin;
  std::string server;       // "https://10.0.0.1:6443", a path prefix is kept
  std::string ca_pem;       // empty: the system's authorities
  std::string ca_file;      // where ca_pem was read, to be read again; empty: it came inline
  std::string server_name;  // tls-server-name; empty: the server's host
  bool insecure_skip_verify = false;
  // Of the kubeconfig; empty: what HTTPS_PROXY says. May hold a password: not for logs.
  std::string proxy_url;
  std::string namespace_ = "default";

  std::string certificate_pem;  // client certificate; empty: none
  Secret key_pem;
  std::string certificate_file, key_file;  // where these two were read; empty: inline
  Secret token;
  std::string token_file;  // read again and again; wins over token once it could be read
  std::string username;
  Secret password;
  std::optional<ExecCommand> exec;
  Impersonation impersonate;
  friend bool operator==(const ClusterAccess&, const ClusterAccess&) = default;
};

}  // namespace capstan::kube
