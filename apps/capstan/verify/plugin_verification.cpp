#include <capstan/apps/capstan/verify/plugin_verification.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include <capstan/apps/capstan/plan/documents.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/plugins/loader/adapt.hpp>

namespace capstan::app {
namespace {

std::string Names(const std::vector<external::KindInfo>& kinds) {
  std::vector<std::string> names;
  for (const auto& kind : kinds) names.push_back(kind.kind);
  return Join(names, ", ");
}

bool IsLoopbackHost(std::string_view host) {
  return host == "localhost" || host == "::1" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

// Collects all http and https URLs anywhere in a document.
void CollectUrls(const json::Tree& tree, std::vector<http::Url>& urls) {
  if (const auto object = json::AsObject(tree); !object.isNull()) {
    for (const auto& [name, value] : *object) CollectUrls(value, urls);
  } else if (const auto array = json::AsArray(tree); !array.isNull()) {
    for (const auto& value : *array) CollectUrls(value, urls);
  } else if (tree.isString()) {
    const auto text = tree.convert<std::string>();
    if (!text.starts_with("http://") && !text.starts_with("https://")) return;
    if (const auto url = http::ParseUrl(text)) urls.push_back(*url);
  }
}

char Another(char c) {
  if (c >= '0' && c <= '9') return static_cast<char>('0' + (c - '0' + 1) % 10);
  if (c >= 'a' && c <= 'z') return static_cast<char>('a' + (c - 'a' + 1) % 26);
  if (c >= 'A' && c <= 'Z') return static_cast<char>('A' + (c - 'A' + 1) % 26);
  return c;
}

Status CheckLoopback(const http::Request& request) {
  const auto url = http::ParseUrl(request.url);
  if (url && IsLoopbackHost(url->host)) return {};
  return Fail(Code::kPermissionDenied,
              StrCat(request.method, " ", Shorten(request.url, 200),
                     " was not sent: without --yes, requests go to this machine only"));
}

}  // namespace

Result<external::KindInfo> KindToVerify(const external::Manifest& manifest, const std::string& name) {
  if (name.empty() && manifest.kinds.size() == 1) return manifest.kinds.front();
  for (const auto& kind : manifest.kinds) {
    if (kind.kind == name) return kind;
  }
  return Fail(Code::kInvalidArgument,
              name.empty()
                  ? StrCat("the plugin has several kinds; choose one with --kind: ", Names(manifest.kinds))
                  : StrCat("the plugin has no kind ", name, "; it has ", Names(manifest.kinds)));
}

Result<std::string> ConfigToVerify(const external::Manifest& manifest, const std::string& given,
                                   const Environment& environment) {
  auto config = json::ParseObject(loader::ConfigFromEnvironment(manifest, environment));
  if (!config) return Fail(std::move(config).error());
  if (given.empty()) return json::ToText(*config);
  const auto above = json::ParseObject(given);
  if (!above) return Fail(Code::kInvalidArgument, "--config is no JSON object: " + above.error().message);
  for (const auto& [name, value] : **above) (*config)->set(name, value);
  return json::ToText(*config);
}

Reach ReachOf(const external::Manifest& manifest, const std::string& config) {
  std::vector<http::Url> urls;
  if (const auto tree = json::ParseTree(config)) CollectUrls(*tree, urls);
  if (urls.empty()) return manifest.allowed_hosts.empty() ? Reach::kNowhere : Reach::kClouds;
  const bool here =
      std::all_of(urls.begin(), urls.end(), [](const auto& url) { return IsLoopbackHost(url.host); });
  return here ? Reach::kLoopback : Reach::kClouds;
}

Result<external::Credentials> CredentialsToVerify(const external::KindInfo& kind,
                                                  const Environment& environment) {
  external::Credentials credentials;
  for (const std::string& key : kind.credential_keys) {
    const auto variable = kind.credential_environment.find(key);
    if (variable == kind.credential_environment.end()) {
      return Fail(Code::kFailedPrecondition,
                  StrCat(kind.kind, " needs the credential \"", key,
                         "\", and the plugin's manifest names no environment variable for it; add it to "
                         "credentialEnvironment, or verify without asking the cloud, with --dry"));
    }
    const auto value = environment(variable->second);
    if (!value || value->empty()) {
      return Fail(Code::kFailedPrecondition, StrCat(kind.kind, " needs the credential \"", key, "\"; set ",
                                                    variable->second, " in the environment"));
    }
    credentials.data.emplace(key, Secret(*value));
  }
  return credentials;
}

external::Credentials NobodysCredentials(const external::Credentials& credentials) {
  external::Credentials nobodys;
  for (const auto& [key, secret] : credentials.data) {
    std::string value(secret.Reveal());
    const auto half = value.begin() + static_cast<std::ptrdiff_t>(value.size() / 2);
    std::transform(half, value.end(), half, Another);
    nobodys.data.emplace(key, Secret(std::move(value)));
  }
  return nobodys;
}

Result<std::function<std::string(const std::string&)>> DesiredOf(const std::string& text,
                                                                 const std::string& origin,
                                                                 const external::KindInfo& kind,
                                                                 const std::string& crd,
                                                                 std::string* object) {
  CAPSTAN_TRY(const auto documents, ReadDocuments(text, origin, "", "default"));
  std::vector<const Document*> fitting;
  for (const Document& document : documents) {
    if (document.kind == kind.kind && document.api_version == kind.group + "/" + kind.version)
      fitting.push_back(&document);
  }
  if (fitting.size() != 1) {
    return Fail(Code::kInvalidArgument, StrCat(origin, " must hold one ", kind.kind, " (", kind.group, "/",
                                               kind.version, "), it holds ", fitting.size()));
  }
  if (object != nullptr) *object = fitting.front()->object.json();
  CAPSTAN_TRY(const kube::Object admitted, Admit(*fitting.front(), crd, nullptr));
  const std::string spec = admitted.ValueAt("/spec").value_or("{}");
  return [spec](const std::string& name) {
    auto fields = json::ParseObject(spec).value_or(json::MakeObject());
    if (fields->has("name")) fields->set("name", name);
    auto document = json::MakeObject();
    document->set("name", name);
    document->set("namespace", "default");
    document->set("uid", "00000000-0000-4000-8000-0000c0f07a1e");
    document->set("spec", fields);
    return json::ToText(document);
  };
}

Status LoopbackOnlyTransport::Admit(const http::Request& request, const Context&) {
  return CheckLoopback(request);
}

}  // namespace capstan::app
