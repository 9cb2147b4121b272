// A request's method, path and query, parsed. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <capstan/core/http/message.hpp>

namespace capstan::apiserver {

struct RequestInfo {
  std::string method;
  std::vector<std::string> segments;  // of the path, decoded
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;

  bool is_resource = false;  // below /api/v1/... or /apis/G/V/...
  std::string group, version, namespace_, resource, name, subresource;
  // get, list, watch, create, update, patch, delete, deletecollection, or "" for another method;
  // for a path that is no resource, the method.
  std::string verb;

  std::string Query(std::string_view name) const;
  bool HasQuery(std::string_view name) const;
  // Whether the parameter is present and not "0" or "false", as Kubernetes parses flags.
  bool QueryFlag(std::string_view name) const;
  std::string GroupVersion() const;
};

RequestInfo ReadRequestInfo(const http::Request& request);

}  // namespace capstan::apiserver
