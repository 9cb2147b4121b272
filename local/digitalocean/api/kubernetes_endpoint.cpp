// The Kubernetes API of a cluster, as far as `kubectl get nodes` and a health check need it:
// read-only and minimal.
#include <algorithm>
#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/api/api.hpp>

namespace capstan::simulated_digitalocean {
namespace {

struct Listed {
  std::string name, json;
  std::vector<std::string> cells;
};

http::Response Send(int status, std::string body, const char* type = "application/json") {
  http::Response response;
  response.status = status;
  response.headers.Set("Content-Type", type);
  response.body = std::move(body);
  return response;
}

http::Response FailedStatus(int status, const char* reason, const std::string& message) {
  JsonWriter out;
  out.BeginObject()
      .Field("kind", "Status")
      .Field("apiVersion", "v1")
      .Key("metadata")
      .BeginObject()
      .EndObject();
  out.Field("status", "Failure")
      .Field("message", message)
      .Field("reason", reason)
      .Field("code", status)
      .EndObject();
  return Send(status, out.Take());
}

// Kubernetes clients do not send their token without TLS, so plain HTTP must accept requests
// without one; a wrong token is refused on either.
bool Authorized(const Cluster& cluster, const http::Request& request, WallTime now) {
  const auto given = request.headers.Get("Authorization");
  if (!given && request.url.rfind("http://", 0) == 0) return true;
  return std::any_of(
      cluster.access_tokens.begin(), cluster.access_tokens.end(),
      [&](const AccessToken& token) { return token.expires > now && given == "Bearer " + token.token; });
}

std::string KubernetesVersion(const Cluster& cluster) {
  return "v" + cluster.version.substr(0, cluster.version.find("-do."));
}

std::string VersionText(const Cluster& cluster) {
  const std::vector<std::string> parts = Split(cluster.version, '.');
  JsonWriter out;
  out.BeginObject().Field("major", parts[0]).Field("minor", parts.size() > 1 ? parts[1] : "");
  out.Field("gitVersion", KubernetesVersion(cluster)).Field("platform", "linux/amd64").EndObject();
  return out.Take();
}

// Ages as kubectl's tables print them.
std::string Age(WallTime since, WallTime now) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - since).count();
  if (seconds < 120) return StrCat(seconds, "s");
  if (seconds < 3 * 3600) return StrCat(seconds / 60, "m");
  if (seconds < 48 * 3600) return StrCat(seconds / 3600, "h");
  return StrCat(seconds / 86400, "d");
}

Listed DescribeNode(const World& world, const Cluster& cluster, const NodePool& pool, const Node& node,
                    WallTime now) {
  const SizeOptions* size = world.Size(pool.size);
  const bool draining = node.state != NodeState::kRunning;
  Listed listed{node.name, "", {}};
  listed.cells = {node.name, draining ? "Ready,SchedulingDisabled" : "Ready", "<none>",
                  Age(node.created, now), KubernetesVersion(cluster)};
  JsonWriter out;
  out.BeginObject().Field("kind", "Node").Field("apiVersion", "v1").Key("metadata").BeginObject();
  out.Field("name", node.name)
      .Field("uid", node.id)
      .Field("resourceVersion", "1")
      .Field("creationTimestamp", FormatRfc3339(node.created));
  out.Key("labels").BeginObject();
  if (pool.labels)
    for (const auto& [key, value] : *pool.labels) out.Field(key, value);
  for (const auto& [key, value] : node.former_labels) out.Field(key, value);
  out.Field("doks.digitalocean.com/node-id", node.id)
      .Field("doks.digitalocean.com/node-pool", pool.name)
      .Field("doks.digitalocean.com/node-pool-id", pool.id)
      .Field("kubernetes.io/hostname", node.name)
      .Field("node.kubernetes.io/instance-type", pool.size)
      .Field("topology.kubernetes.io/region", cluster.region);
  out.EndObject().EndObject().Key("spec").BeginObject().Field("providerID",
                                                              "digitalocean://" + node.droplet_id);
  if (draining) out.Field("unschedulable", true);
  if (!pool.taints.empty()) WriteTaints(out, pool.taints);
  out.EndObject().Key("status").BeginObject().Key("capacity").BeginObject();
  out.Field("cpu", StrCat(size ? size->vcpus : 1))
      .Field("memory", StrCat(size ? size->memory_mb : 2048, "Mi"))
      .Field("pods", "110");
  out.EndObject().Key("conditions").BeginArray().BeginObject().Field("type", "Ready").Field("status", "True");
  out.Field("reason", "KubeletReady")
      .Field("lastTransitionTime", FormatRfc3339(node.updated))
      .EndObject()
      .EndArray();
  out.Key("nodeInfo")
      .BeginObject()
      .Field("kubeletVersion", KubernetesVersion(cluster))
      .EndObject()
      .EndObject()
      .EndObject();
  listed.json = out.Take();
  return listed;
}

std::vector<Listed> Nodes(const World& world, const Cluster& cluster, WallTime now) {
  std::vector<Listed> nodes;
  for (const NodePool& pool : cluster.pools)
    for (const Node& node : pool.nodes)
      if (!node.name.empty()) nodes.push_back(DescribeNode(world, cluster, pool, node, now));
  std::sort(nodes.begin(), nodes.end(), [](const Listed& a, const Listed& b) { return a.name < b.name; });
  return nodes;
}

std::vector<Listed> Namespaces(const Cluster& cluster, WallTime now) {
  std::vector<Listed> namespaces;
  for (const char* name : {"default", "kube-node-lease", "kube-public", "kube-system"}) {
    Listed listed{name, "", {name, "Active", Age(cluster.created, now)}};
    JsonWriter out;
    out.BeginObject().Field("kind", "Namespace").Field("apiVersion", "v1").Key("metadata").BeginObject();
    out.Field("name", name)
        .Field("uid", cluster.id)
        .Field("resourceVersion", "1")
        .Field("creationTimestamp", FormatRfc3339(cluster.created));
    out.EndObject().Key("status").BeginObject().Field("phase", "Active").EndObject().EndObject();
    listed.json = out.Take();
    namespaces.push_back(std::move(listed));
  }
  return namespaces;
}

std::string AsTable(const std::vector<Listed>& rows, const std::vector<std::string>& columns) {
  JsonWriter out;
  out.BeginObject()
      .Field("kind", "Table")
      .Field("apiVersion", "meta.k8s.io/v1")
      .Key("metadata")
      .BeginObject();
  out.Field("resourceVersion", "1").EndObject().Key("columnDefinitions").BeginArray();
  for (const std::string& column : columns)
    out.BeginObject()
        .Field("name", column)
        .Field("type", "string")
        .Field("format", column == "Name" ? "name" : "")
        .Field("description", "")
        .Field("priority", 0)
        .EndObject();
  out.EndArray().Key("rows").BeginArray();
  for (const Listed& row : rows)
    out.BeginObject().Field("cells", row.cells).Key("object").Raw(row.json).EndObject();
  out.EndArray().EndObject();
  return out.Take();
}

std::string AsList(const char* kind, const std::vector<Listed>& items) {
  JsonWriter out;
  out.BeginObject().Field("kind", kind).Field("apiVersion", "v1").Key("metadata").BeginObject();
  out.Field("resourceVersion", "1").EndObject().Key("items").BeginArray();
  for (const Listed& item : items) out.Raw(item.json);
  out.EndArray().EndObject();
  return out.Take();
}

http::Response Show(const http::Request& request, std::string_view rest, const char* plural, const char* kind,
                    const std::vector<Listed>& items, const std::vector<std::string>& columns) {
  const std::string_view accept = request.headers.Get("Accept").value_or("");
  const bool table = accept.find("as=Table") != std::string_view::npos;
  if (request.url.find("watch=") != std::string::npos)
    return FailedStatus(405, "MethodNotAllowed", "a simulated cluster cannot be watched");
  if (rest.empty()) return Send(200, table ? AsTable(items, columns) : AsList(kind, items));
  const std::string name(rest.substr(1));
  for (const Listed& item : items)
    if (item.name == name) return Send(200, table ? AsTable({item}, columns) : item.json);
  return FailedStatus(404, "NotFound", StrCat(plural, " \"", name, "\" not found"));
}

constexpr char kResources[] =
    R"({"kind":"APIResourceList","groupVersion":"v1","resources":[)"
    R"({"name":"namespaces","singularName":"","namespaced":false,"kind":"Namespace","verbs":["get","list"],"shortNames":["ns"]},)"
    R"({"name":"nodes","singularName":"","namespaced":false,"kind":"Node","verbs":["get","list"],"shortNames":["no"]},)"
    R"({"name":"events","singularName":"","namespaced":true,"kind":"Event","verbs":["list"],"shortNames":["ev"]},)"
    R"({"name":"pods","singularName":"","namespaced":true,"kind":"Pod","verbs":["list"],"shortNames":["po"]}]})";

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

http::Response AnswerAsKubernetes(World& world, const http::Request& request, WallTime now) {
  const auto url = http::ParseUrl(request.url);
  std::string_view path = url ? url->path() : std::string_view();
  path.remove_prefix(std::min(path.size(), std::string_view("/simulated-clusters/").size()));
  const std::size_t slash = std::min(path.find('/'), path.size());
  const Cluster* cluster = world.FindCluster(std::string(path.substr(0, slash)));
  path.remove_prefix(slash);
  if (!cluster || cluster->ipv4.empty() || cluster->hidden)
    return FailedStatus(404, "NotFound", "there is no such simulated cluster, or it is not reachable yet");
  if (path == "/healthz" || path == "/livez" || path == "/readyz") return Send(200, "ok", "text/plain");
  if (path == "/version") return Send(200, VersionText(*cluster));
  if (!Authorized(*cluster, request, now)) return FailedStatus(401, "Unauthorized", "Unauthorized");
  if (request.method != "GET")
    return FailedStatus(405, "MethodNotAllowed", "a simulated cluster is read-only");
  if (path == "/api") return Send(200, R"({"kind":"APIVersions","versions":["v1"]})");
  if (path == "/apis") return Send(200, R"({"kind":"APIGroupList","apiVersion":"v1","groups":[]})");
  if (path == "/api/v1") return Send(200, kResources);
  // No pods run on these nodes.
  if (EndsWith(path, "/pods")) return Show(request, "", "pods", "PodList", {}, {"Name"});
  if (EndsWith(path, "/events")) return Show(request, "", "events", "EventList", {}, {"Name"});
  static constexpr std::string_view kNodes = "/api/v1/nodes", kNamespaces = "/api/v1/namespaces";
  if (path.substr(0, kNodes.size()) == kNodes)
    return Show(request, path.substr(kNodes.size()), "nodes", "NodeList", Nodes(world, *cluster, now),
                {"Name", "Status", "Roles", "Age", "Version"});
  if (path.substr(0, kNamespaces.size()) == kNamespaces)
    return Show(request, path.substr(kNamespaces.size()), "namespaces", "NamespaceList",
                Namespaces(*cluster, now), {"Name", "Status", "Age"});
  return FailedStatus(404, "NotFound", "the server could not find the requested resource");
}

}  // namespace capstan::simulated_digitalocean
