#include <capstan/plugins/loader/lending/allowed_hosts.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::loader {
namespace {

std::string Origin(const http::Url& url) { return ToLower(url.scheme + "://" + url.authority()); }

void CollectOrigins(const json::Tree& tree, std::vector<std::string>& origins) {
  if (const auto object = json::AsObject(tree); !object.isNull()) {
    for (const auto& [name, value] : *object) CollectOrigins(value, origins);
  } else if (const auto array = json::AsArray(tree); !array.isNull()) {
    for (const auto& value : *array) CollectOrigins(value, origins);
  } else if (tree.isString()) {
    const auto text = tree.convert<std::string>();
    if (!text.starts_with("http://") && !text.starts_with("https://")) return;
    if (const auto url = http::ParseUrl(text)) origins.push_back(Origin(*url));
  }
}

bool Matches(const std::string& pattern, const http::Url& url) {
  std::string_view host = pattern;
  std::uint16_t port = 443;
  if (const std::size_t colon = host.rfind(':'); colon != std::string_view::npos) {
    port = static_cast<std::uint16_t>(std::stoul(std::string(host.substr(colon + 1))));
    host = host.substr(0, colon);
  }
  if (url.scheme != "https" || url.port != port) return false;
  const std::string asked = ToLower(url.host);
  if (!host.starts_with("*.")) return asked == ToLower(host);
  return asked.size() > host.size() - 1 && asked.ends_with(ToLower(host.substr(1)));
}

}  // namespace

AllowedHosts::AllowedHosts(const std::vector<std::string>& manifest, std::string_view config)
    : patterns_(manifest) {
  if (const auto tree = json::ParseTree(config)) CollectOrigins(*tree, origins_);
}

Status AllowedHosts::Check(const http::Url& url) const {
  if (std::find(origins_.begin(), origins_.end(), Origin(url)) != origins_.end()) return {};
  for (const std::string& pattern : patterns_) {
    if (Matches(pattern, url)) return {};
  }
  return Fail(Code::kPermissionDenied,
              StrCat("requests to ", url.scheme, "://", url.authority(),
                     " are not allowed: the plugin's manifest names ",
                     patterns_.empty() ? "no host" : Join(patterns_, ", "),
                     " (over https); name the URL in the plugin's configuration to allow it"));
}

}  // namespace capstan::loader
