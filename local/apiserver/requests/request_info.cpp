#include <capstan/local/apiserver/requests/request_info.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/http/method.hpp>

namespace capstan::apiserver {
namespace {

// The part after scheme and host; a request can also consist of the path alone.
std::string_view TargetOf(std::string_view url) {
  std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return url;
  std::size_t path = url.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : url.substr(path);
}

std::string VerbOf(const RequestInfo& info) {
  if (http::IsRead(info.method)) {
    if (info.QueryFlag("watch")) return "watch";
    return info.name.empty() ? "list" : "get";
  }
  if (info.method == "POST") return "create";
  if (info.method == "PUT") return "update";
  if (info.method == "PATCH") return "patch";
  if (info.method == "DELETE") return info.name.empty() ? "deletecollection" : "delete";
  return {};
}

}  // namespace

std::string RequestInfo::Query(std::string_view name_) const {
  for (const auto& [key, value] : query) {
    if (key == name_) return value;
  }
  return {};
}

bool RequestInfo::HasQuery(std::string_view name_) const {
  for (const auto& [key, value] : query) {
    if (key == name_) return true;
  }
  return false;
}

bool RequestInfo::QueryFlag(std::string_view name_) const {
  // As in Kubernetes, any value except "0" and "false" is true, even an empty one.
  const std::string value = Query(name_);
  return HasQuery(name_) && value != "0" && !EqualsIgnoreCase(value, "false");
}

std::string RequestInfo::GroupVersion() const {
  return group.empty() ? version : StrCat(group, "/", version);
}

RequestInfo ReadRequestInfo(const http::Request& request) {
  RequestInfo info;
  info.method = request.method;
  std::string_view target = TargetOf(request.url);
  std::size_t question = target.find('?');
  std::string_view path = target.substr(0, question);
  if (question != std::string_view::npos) info.query = http::ParseQuery(target.substr(question + 1));
  info.path = std::string(path);
  for (const std::string& segment : Split(path, '/')) {
    if (segment.empty()) continue;
    std::string decoded;
    info.segments.push_back(UrlDecode(segment, false, decoded) ? decoded : segment);
  }
  info.verb = ToLower(request.method);

  std::size_t at = 0;
  const std::vector<std::string>& parts = info.segments;
  if (parts.size() >= 3 && parts[0] == "api") {
    info.version = parts[1];
    at = 2;
  } else if (parts.size() >= 4 && parts[0] == "apis") {
    info.group = parts[1];
    info.version = parts[2];
    at = 3;
  } else {
    return info;
  }
  info.is_resource = true;
  if (parts[at] == "namespaces" && parts.size() > at + 2 && parts[at + 2] != "status" &&
      parts[at + 2] != "finalize") {
    info.namespace_ = parts[at + 1];
    at += 2;
  } else if (parts[at] == "namespaces" && parts.size() > at + 1 && info.group.empty()) {
    info.namespace_ = parts[at + 1];
  }
  info.resource = parts[at];
  if (parts.size() > at + 1) info.name = parts[at + 1];
  for (std::size_t i = at + 2; i < parts.size(); ++i) {
    if (!info.subresource.empty()) info.subresource += '/';
    info.subresource += parts[i];
  }
  info.verb = VerbOf(info);
  return info;
}

}  // namespace capstan::apiserver
