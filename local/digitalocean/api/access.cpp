// Access to a cluster: kubeconfig, credentials, user.
#include <algorithm>
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/local/digitalocean/api/api.hpp>
#include <charconv>

namespace capstan::simulated_digitalocean {
namespace {

constexpr std::int64_t kWeekSeconds = 7 * 24 * 3600;
constexpr std::size_t kMostTokens = 1000;  // for each cluster

// Documented: 0 or absent means seven days. A negative or malformed number is refused (a choice).
Checked<std::int64_t> ReadExpiry(const Call& call) {
  const std::string text = call.Query("expiry_seconds").value_or("0");
  std::int64_t seconds = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || seconds < 0)
    return Invalid("expiry_seconds must be a number of at least 0");
  return seconds == 0 ? kWeekSeconds : std::min<std::int64_t>(seconds, 100LL * 365 * 24 * 3600);
}

// Seen in 2019: 404 until the endpoint is reachable.
Check CheckReachable(const Call& call) {
  if (call.cluster->ipv4.empty() || call.cluster->state == ClusterState::kDeleting)
    return Refuse(404, "kubeconfig not found: the cluster is not ready");
  return {};
}

const AccessToken& MintToken(Call& call, std::int64_t seconds) {
  Cluster& cluster = *call.cluster;
  std::erase_if(cluster.access_tokens, [&](const AccessToken& old) { return old.expires <= call.now; });
  std::string token = "simulated_";
  for (int i = 0; i < 4; ++i) {
    char digits[16];
    const char* const end = std::to_chars(digits, digits + sizeof digits, call.world.random.Next(), 16).ptr;
    const auto length = static_cast<std::size_t>(end - digits);
    token.append(sizeof digits - length, '0').append(digits, length);
  }
  // A choice: beyond the limit the oldest token becomes invalid.
  if (cluster.access_tokens.size() >= kMostTokens) cluster.access_tokens.erase(cluster.access_tokens.begin());
  cluster.access_tokens.push_back({std::move(token), call.now + std::chrono::seconds(seconds)});
  const WallTime updated = cluster.updated;
  call.world.Touch(cluster, call.now);
  cluster.updated = updated;  // issuing a token is not a change of the cluster
  return cluster.access_tokens.back();
}

std::string UserSection(const Call& call, const std::string& token) {
  if (!token.empty()) return StrCat("    token: ", token, "\n");
  const Sso& sso = *call.cluster->sso;
  return StrCat(
      "    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      command: doctl\n      "
      "args:\n",
      "      - kubernetes\n      - cluster\n      - kubeconfig\n      - exec-credential\n      - ",
      call.cluster->id, "\n      - --issuer-url\n      - ", json::Quote(sso.issuer_url),
      "\n      - --client-id\n      - ", json::Quote(sso.client_id), "\n");
}

}  // namespace

Answer GetKubeconfig(Call& call) {
  CAPSTAN_UNLESS_REFUSED(const std::int64_t seconds, ReadExpiry(call));
  CAPSTAN_CHECKED(CheckReachable(call));
  const Cluster& cluster = *call.cluster;
  const bool has_sso = cluster.sso && cluster.sso->enabled;
  const std::string type = call.Query("type").value_or(has_sso ? "sso" : "token");
  if (type != "token" && type != "sso") return Invalid("type must be token or sso");
  if (type == "sso" && !has_sso) return Invalid("sso is not enabled for the cluster");
  const std::string token = type == "token" ? MintToken(call, seconds).token : "";
  const std::string name = json::Quote(StrCat("do-", cluster.region, "-", cluster.name));
  const std::string user = json::Quote(StrCat("do-", cluster.region, "-", cluster.name, "-admin"));
  const std::string& ca = call.world.options.endpoint_ca_pem;
  const std::string ca_line = ca.empty() ? "" : "    certificate-authority-data: " + Base64Encode(ca) + "\n";
  return Answer::Yaml(
      200, StrCat("apiVersion: v1\nclusters:\n- cluster:\n", ca_line, "    server: ", call.Endpoint(cluster),
                  "\n  name: ", name, "\ncontexts:\n- context:\n    cluster: ", name, "\n    user: ", user,
                  "\n  name: ", name, "\ncurrent-context: ", name,
                  "\nkind: Config\npreferences: {}\nusers:\n- name: ", user, "\n  user:\n",
                  UserSection(call, token)));
}

Answer GetCredentials(Call& call) {
  CAPSTAN_UNLESS_REFUSED(const std::int64_t seconds, ReadExpiry(call));
  CAPSTAN_CHECKED(CheckReachable(call));
  const AccessToken& token = MintToken(call, seconds);
  JsonWriter out;
  out.BeginObject()
      .Field("server", call.Endpoint(*call.cluster))
      .Field("certificate_authority_data", Base64Encode(call.world.options.endpoint_ca_pem))
      .Key("client_certificate_data")
      .Null()
      .Key("client_key_data")
      .Null()
      .Field("token", token.token)
      .Field("expires_at", FormatRfc3339(token.expires))
      .EndObject();
  return Answer::Json(200, out.Take());
}

Answer GetUser(Call& call) {
  JsonWriter out;
  out.BeginObject().Key("kubernetes_cluster_user").BeginObject().Field("username", call.account.email);
  out.Key("groups").BeginArray().String("k8saas:authenticated").EndArray().EndObject().EndObject();
  return Answer::Json(200, out.Take());
}

}  // namespace capstan::simulated_digitalocean
