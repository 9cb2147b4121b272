#include <capstan/core/kube/kubeconfig.hpp>

#include <algorithm>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/message.hpp>
#include <capstan/core/kube/access/kubeconfig_file.hpp>

namespace capstan::kube {
namespace {

constexpr std::string_view kServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/";
constexpr std::string_view kExecGroup = "client.authentication.k8s.io/";

std::string NamesOf(const std::map<std::string, KubeconfigEntry>& entries) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries) names.push_back(name);
  return names.empty() ? "none" : Shorten(Join(names, ", "), 300);
}

Result<KubeconfigEntry> FindEntry(const Kubeconfig& config,
                                  const std::map<std::string, KubeconfigEntry>& entries,
                                  std::string_view what, const std::string& name) {
  const auto found = entries.find(name);
  if (found != entries.end()) return found->second;
  return Fail(Code::kNotFound, StrCat("kubeconfig ", Join(config.files, ", "), ": there is no ", what, " \"",
                                      name, "\"; there is: ", NamesOf(entries)));
}

Status CheckPem(const KubeconfigEntry& entry, const char* key, const std::string& pem) {
  if (pem.empty() || pem.find("-----BEGIN ") != std::string::npos) return {};
  return entry.Bad(key, "is not a PEM file");
}

Status ReadCluster(Files& files, const KubeconfigEntry& entry, ClusterAccess& access) {
  CAPSTAN_TRY(access.server, entry.Text("server"));
  if (access.server.empty()) return entry.Bad("server", "is missing");
  CAPSTAN_TRY(access.ca_pem, entry.Content(files, "certificate-authority-data", "certificate-authority"));
  CAPSTAN_RETURN_IF_ERROR(CheckPem(entry, "certificate-authority", access.ca_pem));
  CAPSTAN_TRY(access.ca_file, entry.ContentFile("certificate-authority-data", "certificate-authority"));
  CAPSTAN_TRY(access.server_name, entry.Text("tls-server-name"));
  CAPSTAN_TRY(access.insecure_skip_verify, entry.Flag("insecure-skip-tls-verify"));
  if (access.insecure_skip_verify && !access.ca_pem.empty()) {
    return entry.Bad("insecure-skip-tls-verify",
                     "cannot be true next to a certificate-authority: remove one of the two");
  }
  CAPSTAN_TRY(access.proxy_url, entry.Text("proxy-url"));
  return {};
}

// A server without a scheme is https if any TLS setting is present, else http: kubectl's rule.
Status CompleteServer(const KubeconfigEntry& cluster, ClusterAccess& access) {
  if (access.server.find("://") == std::string::npos) {
    const bool tls = !access.ca_pem.empty() || !access.certificate_pem.empty() || access.insecure_skip_verify;
    access.server = (tls ? "https://" : "http://") + access.server;
  }
  if (const auto url = http::ParseUrl(access.server); !url) return cluster.Bad("server", "is not a URL");
  while (access.server.back() == '/') access.server.pop_back();
  return {};
}

Failure AuthProvider(const KubeconfigEntry& user, const std::string& name) {
  std::string instead = "an exec plugin";
  if (name == "gcp") instead = "the exec plugin gke-gcloud-auth-plugin";
  if (name == "azure") instead = "the exec plugin kubelogin (kubelogin convert-kubeconfig)";
  if (name == "oidc") instead = "an exec plugin such as kubectl oidc-login";
  return user.Bad("auth-provider", StrCat("\"", name, "\" is of a kind Kubernetes removed in 1.26; use ",
                                          instead, ", a token or a client certificate instead"));
}

Status ReadExec(const KubeconfigEntry& exec, const KubeconfigEntry& cluster, ClusterAccess& access) {
  ExecCommand plugin;
  CAPSTAN_TRY(plugin.api_version, exec.Text("apiVersion"));
  if (plugin.api_version != StrCat(kExecGroup, "v1") && plugin.api_version != StrCat(kExecGroup, "v1beta1")) {
    return exec.Bad("apiVersion",
                    StrCat("is \"", Shorten(plugin.api_version, 60), "\"; only ", kExecGroup, "v1 and ",
                           kExecGroup, "v1beta1 are spoken: update the plugin and its entry"));
  }
  CAPSTAN_TRY(plugin.command, exec.Text("command"));
  if (plugin.command.empty()) return exec.Bad("command", "is missing");
  // A bare name is looked up in PATH; a name with a slash is a path.
  if (plugin.command.find('/') != std::string::npos) plugin.command = exec.Resolve(plugin.command);
  CAPSTAN_TRY(plugin.arguments, exec.Texts("args"));
  CAPSTAN_TRY(const auto variables, exec.Sections("env"));
  for (const KubeconfigEntry& variable : variables) {
    CAPSTAN_TRY(const std::string name, variable.Text("name"));
    if (name.empty()) return variable.Bad("name", "is missing");
    CAPSTAN_TRY(plugin.environment[name], variable.Text("value"));
  }
  CAPSTAN_TRY(plugin.install_hint, exec.Text("installHint"));
  CAPSTAN_TRY(plugin.provide_cluster_info, exec.Flag("provideClusterInfo"));
  CAPSTAN_TRY(const std::string interactive, exec.Text("interactiveMode"));
  if (interactive == "Always") {
    return exec.Bad("interactiveMode",
                    "is Always, but an operator has no terminal: use a plugin that needs none");
  }
  CAPSTAN_TRY(const auto extensions, cluster.Sections("extensions"));
  for (const KubeconfigEntry& extension : extensions) {
    CAPSTAN_TRY(const std::string name, extension.Text("name"));
    if (name != StrCat(kExecGroup, "exec") || !extension.Has("extension")) continue;
    CAPSTAN_TRY(plugin.cluster_config, extension.Json("extension"));
  }
  access.exec = std::move(plugin);
  return {};
}

Status ReadImpersonation(const KubeconfigEntry& user, ClusterAccess& access) {
  Impersonation& as = access.impersonate;
  CAPSTAN_TRY(as.user, user.Text("as"));
  CAPSTAN_TRY(as.uid, user.Text("as-uid"));
  CAPSTAN_TRY(as.groups, user.Texts("as-groups"));
  CAPSTAN_TRY(const KubeconfigEntry extra, user.Section("as-user-extra"));
  for (const std::string& key : extra.Keys()) {
    CAPSTAN_TRY(auto values, extra.Texts(key.c_str()));
    as.extra.emplace_back(key, std::move(values));
  }
  // These become header fields, which must not contain line breaks.
  const auto fits = [](const std::string& text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  };
  bool all_fit = fits(as.user) && fits(as.uid) && std::all_of(as.groups.begin(), as.groups.end(), fits);
  for (const auto& [key, values] : as.extra)
    all_fit = all_fit && std::all_of(values.begin(), values.end(), fits);
  if (!all_fit) return user.Bad("as", "and what goes with it must not contain control characters");
  if (as.user.empty() && (!as.uid.empty() || !as.groups.empty() || !as.extra.empty())) {
    return user.Bad("as", "is missing: as-uid, as-groups and as-user-extra need it");
  }
  return {};
}

Status ReadUser(Files& files, const KubeconfigEntry& user, const KubeconfigEntry& cluster,
                ClusterAccess& access) {
  if (user.Has("auth-provider")) {
    CAPSTAN_TRY(const KubeconfigEntry provider, user.Section("auth-provider"));
    CAPSTAN_TRY(const std::string name, provider.Text("name"));
    return AuthProvider(user, Shorten(name, 60));
  }
  CAPSTAN_TRY(access.certificate_pem, user.Content(files, "client-certificate-data", "client-certificate"));
  CAPSTAN_RETURN_IF_ERROR(CheckPem(user, "client-certificate", access.certificate_pem));
  CAPSTAN_TRY(std::string key, user.Content(files, "client-key-data", "client-key"));
  CAPSTAN_RETURN_IF_ERROR(CheckPem(user, "client-key", key));
  access.key_pem = Secret(std::move(key));
  CAPSTAN_TRY(access.certificate_file, user.ContentFile("client-certificate-data", "client-certificate"));
  CAPSTAN_TRY(access.key_file, user.ContentFile("client-key-data", "client-key"));
  if (access.certificate_pem.empty() != access.key_pem.empty()) {
    return user.Bad(access.key_pem.empty() ? "client-key" : "client-certificate",
                    "is missing: the two come together");
  }
  CAPSTAN_TRY(std::string token, user.Text("token"));
  access.token = Secret(std::move(token));
  CAPSTAN_TRY(const std::string token_file, user.Text("tokenFile"));
  access.token_file = user.Resolve(token_file);
  CAPSTAN_TRY(access.username, user.Text("username"));
  CAPSTAN_TRY(std::string password, user.Text("password"));
  access.password = Secret(std::move(password));
  if (!access.token.empty() && !(access.username.empty() && access.password.empty()))
    return user.Bad("token", "and username or password exclude each other: remove one of the two");
  CAPSTAN_RETURN_IF_ERROR(ReadImpersonation(user, access));
  if (!user.Has("exec")) return {};
  CAPSTAN_TRY(const KubeconfigEntry exec, user.Section("exec"));
  return ReadExec(exec, cluster, access);
}

Result<ClusterAccess> Resolve(Files& files, const Kubeconfig& config, const std::string& wanted) {
  const std::string name = wanted.empty() ? config.current_context : wanted;
  if (name.empty()) {
    return Fail(Code::kInvalidArgument,
                StrCat("kubeconfig ", Join(config.files, ", "), ": no current-context is set; there is: ",
                       NamesOf(config.contexts), " (kubectl config use-context NAME)"));
  }
  CAPSTAN_TRY(const KubeconfigEntry context, FindEntry(config, config.contexts, "context", name));
  CAPSTAN_TRY(const std::string cluster_name, context.Text("cluster"));
  if (cluster_name.empty()) return context.Bad("cluster", "is missing");
  CAPSTAN_TRY(const KubeconfigEntry cluster, FindEntry(config, config.clusters, "cluster", cluster_name));
  ClusterAccess access;
  access.origin = StrCat("context ", name, " of ", context.file());
  CAPSTAN_RETURN_IF_ERROR(ReadCluster(files, cluster, access));
  CAPSTAN_TRY(const std::string user_name, context.Text("user"));
  if (!user_name.empty()) {
    CAPSTAN_TRY(const KubeconfigEntry user, FindEntry(config, config.users, "user", user_name));
    CAPSTAN_RETURN_IF_ERROR(ReadUser(files, user, cluster, access));
  }
  CAPSTAN_RETURN_IF_ERROR(CompleteServer(cluster, access));
  CAPSTAN_TRY(const std::string namespace_, context.Text("namespace"));
  if (!namespace_.empty()) access.namespace_ = namespace_;
  return access;
}

}  // namespace

Result<ClusterAccess> LoadKubeconfig(Files& files, const std::vector<std::string>& paths,
                                     const std::string& context) {
  CAPSTAN_TRY(const Kubeconfig config, ReadKubeconfigs(files, paths));
  return Resolve(files, config, context);
}

Result<ClusterAccess> LoadInCluster(Files& files, Process& process) {
  const auto host = process.Environment("KUBERNETES_SERVICE_HOST");
  const auto port = process.Environment("KUBERNETES_SERVICE_PORT");
  if (!host || host->empty() || !port || port->empty()) {
    return Fail(
        Code::kNotFound,
        "in-cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, so this is no pod");
  }
  ClusterAccess access;
  access.origin = "in-cluster";
  const bool literal = host->find(':') != std::string::npos;
  access.server = StrCat("https://", literal ? "[" : "", *host, literal ? "]" : "", ":", *port);
  access.token_file = StrCat(kServiceAccount, "token");
  auto token = files.Read(access.token_file);
  if (!token) {
    return Annotate(std::move(token).error(), "in-cluster: the service account's token is not mounted");
  }
  access.token = Secret(std::string(Trim(*token)));
  access.ca_file = StrCat(kServiceAccount, "ca.crt");
  auto ca = files.Read(access.ca_file);
  if (!ca) return Annotate(std::move(ca).error(), "in-cluster: the cluster's CA is not mounted");
  access.ca_pem = std::move(*ca);
  if (const auto name = files.Read(StrCat(kServiceAccount, "namespace")); name && !Trim(*name).empty()) {
    access.namespace_ = std::string(Trim(*name));
  }
  return access;
}

std::vector<std::string> DefaultKubeconfigPaths(Files& files, Process& process) {
  std::vector<std::string> paths;
  for (const std::string& path : Split(process.Environment("KUBECONFIG").value_or(""), ':')) {
    if (!path.empty() && std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
  }
  if (!paths.empty()) return paths;
  const auto home = process.Environment("HOME");
  if (home && !home->empty() && files.Exists(*home + "/.kube/config"))
    paths.push_back(*home + "/.kube/config");
  return paths;
}

Result<ClusterAccess> LoadClusterAccess(Files& files, Process& process, const std::string& kubeconfig,
                                        const std::string& context) {
  if (!kubeconfig.empty()) return LoadKubeconfig(files, {kubeconfig}, context);
  const auto paths = DefaultKubeconfigPaths(files, process);
  if (!paths.empty()) return LoadKubeconfig(files, paths, context);
  auto access = LoadInCluster(files, process);
  if (access) return access;
  return Fail(access.error().code,
              StrCat("no kubeconfig: neither --kubeconfig nor KUBECONFIG is given, ~/.kube/config "
                     "is not there, and ",
                     access.error().message));
}

}  // namespace capstan::kube
