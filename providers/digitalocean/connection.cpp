// Connection information of a cluster: its kubeconfig, and DigitalOcean's notices.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/external.hpp>

namespace capstan::digitalocean {
namespace {

using external::Notice;

// The expiry of a kubeconfig if none is requested (docs/digitalocean_api.md).
constexpr std::int64_t kUsualSeconds = std::int64_t{7} * 24 * 3600;
// Longer expiries count as none.
constexpr std::int64_t kMostSeconds = std::int64_t{100} * 365 * 24 * 3600;

// The value of the only line `key: value` in a kubeconfig, in any section; empty: there is none.
// DigitalOcean's kubeconfigs have one cluster and one user, and no value spans several lines.
std::string ValueIn(std::string_view kubeconfig, std::string_view key) {
  for (const auto& line : Split(kubeconfig, '\n')) {
    auto text = Trim(line);
    if (text.substr(0, 2) == "- ") text = Trim(text.substr(2));
    if (text.substr(0, key.size()) != key || text.substr(key.size(), 1) != ":") continue;
    auto value = Trim(text.substr(key.size() + 1));
    const bool quoted =
        value.size() > 1 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front();
    if (quoted) value = value.substr(1, value.size() - 2);
    if (!value.empty()) return std::string(value);
  }
  return "";
}

// Whether a kubeconfig contains a token. One for single sign-on or with a client certificate does
// not, and does not expire.
bool HasToken(std::string_view kubeconfig) { return !ValueIn(kubeconfig, "token").empty(); }

// Another user may have made single sign-on mandatory. The error for a token request is then not
// documented.
bool NotThatKind(int status) { return status == 400 || status == 409 || status == 412 || status == 422; }

}  // namespace

Result<external::Connection> Clusters::ReadConnection(const std::string& id, const std::string& desired,
                                                      const Context& context) {
  const auto wish = ParseKubeconfigSpec(desired);
  const auto seconds = wish.expiry_seconds;
  const auto asked = client_->clock().WallNow();
  const auto get = [&](bool token) {
    auto path = ClusterPath(id) + "/kubeconfig";
    if (token) path += "?type=token";
    if (seconds > 0) path += StrCat(token ? "&" : "?", "expiry_seconds=", seconds);
    return client_->Call("GET", path, "", StrCat("get the kubeconfig of DigitalOcean cluster ", id), context);
  };
  // With single sign-on enabled, the API's default is a kubeconfig for doctl and a browser.
  const bool token = !wish.single_sign_on_only;
  auto response = get(token);
  if (!response && token && NotThatKind(response.error().http_status)) response = get(false);
  if (!response) {
    auto error = std::move(response).error();
    if (error.http_status == 404) error.code = Code::kFailedPrecondition;  // the API's way to say "not yet"
    return Failure(std::move(error));
  }
  if (response->body.find("clusters:") == std::string::npos)
    return Fail(Code::kDataLoss,
                StrCat("get the kubeconfig of DigitalOcean cluster ", id, ": the answer is no kubeconfig"));
  external::Connection connection;
  if (HasToken(response->body) && seconds <= kMostSeconds)
    connection.expires = asked + std::chrono::seconds(seconds > 0 ? seconds : kUsualSeconds);
  // In addition to the whole kubeconfig, for tools that need its parts: Terraform, Argo CD, Cluster
  // API.
  static constexpr std::pair<const char*, const char*> kParts[] = {
      {"host", "server"}, {"certificate-authority-data", "certificate-authority-data"}, {"token", "token"}};
  for (const auto& [key, line] : kParts)
    if (auto value = ValueIn(response->body, line); !value.empty())
      connection.data.emplace(key, Secret(std::move(value)));
  if (connection.expires) connection.data.emplace("expiry", Secret(FormatRfc3339(*connection.expires)));
  connection.data.emplace("kubeconfig", Secret(std::move(response->body)));
  return connection;
}

Result<std::vector<Notice>> Clusters::Notices(const std::string& id, const std::string& since,
                                              const Context& context) {
  auto from = ParseRfc3339(since);
  if (!since.empty() && !from)
    return Fail(Code::kInvalidArgument, StrCat("'", since, "' is no time as in RFC 3339"));
  auto path = ClusterPath(id) + "/status_messages";
  if (!since.empty()) path += "?since=" + UrlEncode(since);
  const auto what = StrCat("get the status messages of DigitalOcean cluster ", id);
  CAPSTAN_TRY(json::ObjectPtr body, client_->Get(path, what, context));
  auto items = json::ArrayIn(body, "messages");
  if (!items && !(body->has("messages") && body->isNull("messages")))
    return Fail(Code::kDataLoss, what + ": the answer has no messages");
  std::vector<std::pair<WallTime, Notice>> timed;
  for (std::size_t i = 0; items && i < items->size(); ++i) {
    auto item = json::AsObject(items->get(static_cast<unsigned>(i)));
    auto at = json::StringIn(item, "timestamp").value_or("");
    auto text = json::StringIn(item, "message").value_or("");
    auto time = ParseRfc3339(at);
    // Whether `since` is inclusive is not documented.
    if (!time || text.empty() || (from && *time <= *from)) continue;
    timed.emplace_back(*time, Notice{at, text});
  }
  std::stable_sort(timed.begin(), timed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Notice> notices;
  for (auto& [time, notice] : timed) notices.push_back(std::move(notice));
  return notices;
}

}  // namespace capstan::digitalocean
