#include <capstan/providers/digitalocean/provider.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/external.hpp>

namespace capstan::digitalocean {

std::string ClusterCrd();  // generated from crds/digitaloceanclusters.yaml at build time

namespace {

constexpr char kDefaultUrl[] = "https://api.digitalocean.com";

class DigitalOceanProvider final : public external::Provider {
 public:
  DigitalOceanProvider(std::string url, http::Transport& transport, Clock& clock, Log& log)
      : manifest_(MakeManifest()), url_(std::move(url)), transport_(transport), clock_(clock), log_(log) {}

  const external::Manifest& manifest() const override { return manifest_; }

  Result<std::unique_ptr<external::External>> Connect(const std::string& kind,
                                                      const external::Credentials& credentials,
                                                      const Context&) override {
    if (kind != kKind) return Fail(Code::kInvalidArgument, StrCat("kind ", kind, " is not DigitalOcean's"));
    auto token = credentials.data.find("token");
    if (token == credentials.data.end() || token->second.empty())
      return Fail(Code::kInvalidArgument, "the credentials have no token");
    auto text = Trim(token->second.Reveal());  // Secrets created from files end with a line break
    if (text.empty() || text.find_first_of(" \t\r\n") != std::string_view::npos)
      return Fail(Code::kInvalidArgument, "the token has blanks or line breaks in it");
    auto client = std::make_unique<Client>(transport_, clock_, url_, Secret(std::string(text)));
    return std::make_unique<Clusters>(std::move(client), log_);
  }

 private:
  const external::Manifest manifest_;
  const std::string url_;
  http::Transport& transport_;
  Clock& clock_;
  Log& log_;
};

}  // namespace

external::Manifest MakeManifest() {
  external::KindInfo kind;
  kind.group = "anutosh491.dev";
  kind.version = "v1alpha1";
  kind.kind = kKind;
  kind.plural = "digitaloceanclusters";
  kind.identity = external::IdentityKept::kTag;
  kind.credentials_field = "spec.tokenSecret";
  kind.credential_keys = {"token"};
  kind.credential_environment = {{"token", "DIGITALOCEAN_ACCESS_TOKEN"}};
  kind.connection_suffix = "-kubeconfig";
  kind.connection_status_field = "kubeConfigSecret";
  kind.id_status_field = "clusterID";
  kind.phase_status_field = "progress";
  kind.plan_status_field = "plan";
  kind.associated_status_field = "associatedResources";
  kind.associated_kinds = {"loadBalancers", "volumes", "volumeSnapshots"};
  kind.connection_secret_field = "spec.kubeconfigSecret";
  kind.connection_fields = {"spec.sso"};
  kind.creating_limit = std::chrono::minutes(30);
  kind.catalogs = {"versions", "sizes", "regions"};

  external::Manifest manifest;
  manifest.name = kName;
  manifest.version = kVersion;
  manifest.description = "DigitalOcean Kubernetes (DOKS) clusters";
  manifest.kinds = {kind};
  manifest.crds = {ClusterCrd()};
  manifest.allowed_hosts = {"api.digitalocean.com"};
  // Per minute; the headers contain the limit of 5,000 per hour (docs/digitalocean_api.md, "Rate
  // limits").
  manifest.quotas = {
      {"api.digitalocean.com", 250, "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"}};
  manifest.config_schema =
      R"({"type":"object","additionalProperties":false,"properties":{"apiURL":{"type":"string","description":"Where the DigitalOcean API is."}}})";
  manifest.config_environment = {{"apiURL", "DIGITALOCEAN_API_URL"}};
  return manifest;
}

Result<std::unique_ptr<external::Provider>> MakeProvider(const std::string& config_json,
                                                         http::Transport& transport, Clock& clock, Random&,
                                                         Log& log) {
  auto config = json::ParseObject(config_json.empty() ? "{}" : config_json);
  if (!config)
    return Fail(Code::kInvalidArgument,
                StrCat("the configuration of digitalocean is not JSON: ", config.error().message));
  for (const auto& [key, value] : **config) {
    if (key != "apiURL")
      return Fail(Code::kInvalidArgument, StrCat("digitalocean has no setting '", key, "': it knows apiURL"));
    if (value.isEmpty() || !value.isString()) return Fail(Code::kInvalidArgument, "apiURL must be a string");
  }
  auto url = json::StringIn(*config, "apiURL").value_or("");
  if (url.empty()) url = kDefaultUrl;
  while (url.back() == '/') url.pop_back();
  if (auto parsed = http::ParseUrl(url + "/"); !parsed)
    return Fail(Code::kInvalidArgument, StrCat("apiURL '", url, "' is not a URL such as ", kDefaultUrl));
  return std::make_unique<DigitalOceanProvider>(std::move(url), transport, clock, log);
}

}  // namespace capstan::digitalocean
