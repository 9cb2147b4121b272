#include <capstan/core/kube/access/exec_credential.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::kube {
namespace {

std::string ClusterInfo(const ClusterAccess& access) {
  json::ObjectPtr cluster = json::MakeObject();
  cluster->set("server", access.server);
  if (!access.server_name.empty()) cluster->set("tls-server-name", access.server_name);
  if (access.insecure_skip_verify) cluster->set("insecure-skip-tls-verify", true);
  if (!access.ca_pem.empty()) cluster->set("certificate-authority-data", Base64Encode(access.ca_pem));
  if (!access.proxy_url.empty()) cluster->set("proxy-url", access.proxy_url);
  if (!access.exec->cluster_config.empty()) {
    if (const auto config = json::ParseTree(access.exec->cluster_config)) cluster->set("config", *config);
  }
  return json::ToText(cluster);
}

Failure Refused(const ExecCommand& plugin, std::string_view why) {
  return Fail(Code::kUnauthenticated, StrCat("the credential plugin \"", plugin.command, "\" ", why));
}

}  // namespace

Command MakeExecCommand(const ClusterAccess& access) {
  const ExecCommand& plugin = *access.exec;
  Command command;
  command.arguments.push_back(plugin.command);
  command.arguments.insert(command.arguments.end(), plugin.arguments.begin(), plugin.arguments.end());
  command.environment = plugin.environment;
  std::string info = "{\"apiVersion\":" + json::Quote(plugin.api_version) +
                     ",\"kind\":\"ExecCredential\",\"spec\":{\"interactive\":false";
  if (plugin.provide_cluster_info) info += ",\"cluster\":" + ClusterInfo(access);
  command.environment["KUBERNETES_EXEC_INFO"] = info + "}}";
  return command;
}

Result<ExecAnswer> ParseExecAnswer(const ExecCommand& plugin, std::string_view output) {
  // The parser's own message might quote its input, which is secret.
  const auto object = json::ParseObject(output, 32);
  if (!object) return Refused(plugin, "printed something that is not a JSON object");
  if (json::StringIn(*object, "kind") != "ExecCredential")
    return Refused(plugin, "printed no ExecCredential");
  const std::string version = json::StringIn(*object, "apiVersion").value_or("");
  if (version != plugin.api_version) {
    return Refused(plugin, StrCat("answered in \"", Shorten(version, 60),
                                  "\", but the kubeconfig asks for \"", plugin.api_version, "\""));
  }
  const json::ObjectPtr status = json::ObjectIn(*object, "status");
  if (!status) return Refused(plugin, "gave no status");
  ExecAnswer answer;
  answer.token = Secret(json::StringIn(status, "token").value_or(""));
  answer.certificate_pem = json::StringIn(status, "clientCertificateData").value_or("");
  answer.key_pem = Secret(json::StringIn(status, "clientKeyData").value_or(""));
  if (answer.token.empty() && answer.certificate_pem.empty()) {
    return Refused(plugin, "gave neither a token nor a client certificate");
  }
  if (answer.certificate_pem.empty() != answer.key_pem.empty()) {
    return Refused(plugin, "gave a client certificate without its key, or a key without its certificate");
  }
  const auto expires = json::StringIn(status, "expirationTimestamp");
  // Go's zero time means that the plugin did not set one.
  if (expires && !expires->empty() && expires->rfind("0001-01-01T00:00:00", 0) != 0) {
    answer.expires = ParseRfc3339(*expires);
    if (!answer.expires) return Refused(plugin, "gave an expirationTimestamp that is not a time");
  }
  return answer;
}

}  // namespace capstan::kube
