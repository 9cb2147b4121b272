// Exchange is one request while it is answered, with everything found out about it so far. Private
// to the server's files. For one thread.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/http/handler.hpp>
#include <capstan/local/apiserver/api/cancellation.hpp>
#include <capstan/local/apiserver/api/user.hpp>
#include <capstan/local/apiserver/catalog/catalog.hpp>
#include <capstan/local/apiserver/requests/content.hpp>
#include <capstan/local/apiserver/requests/request_info.hpp>

namespace capstan::apiserver {

struct Exchange {
  const http::Request& request;
  const RequestInfo& info;
  http::ResponseWriter& writer;
  const Context& context;
  User user;
  Accepted accepted;
  std::vector<std::string> warnings;  // sent as Warning headers
  ServedPtr served;
  const BuiltinTypes* types = nullptr;  // for protobuf bodies
  ResourcePtr resource;                 // of resource requests
  const Version* version = nullptr;
  Cancellation gone = {};  // when the client disconnects or the server stops
};

// A complete answer. `streamed`: it has already been sent.
struct Reply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  bool streamed = false;
  bool html_safe = false;  // the body is already escaped as Go escapes JSON
  http::Headers headers = {};
};

// Parses a resourceVersion from a query. Errors: 500, as in Kubernetes.
Answer<std::uint64_t> ReadRevision(const std::string& text);
Reply JsonReply(json::ObjectPtr object, int status = 200);
// Encodes a Status, a Scale, a review or an object of a built-in kind as the client accepts it.
Reply ObjectReply(const Exchange& exchange, json::ObjectPtr object, int status = 200);
// The headers of every answer.
http::Headers CommonHeaders(const Exchange& exchange, std::string_view content_type);

}  // namespace capstan::apiserver
