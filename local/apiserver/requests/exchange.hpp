// Exchange is one request while it is being answered, with all that was found out about it on the
// way. Private to the server's files. One thread.
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
  std::vector<std::string> warnings;  // become Warning headers
  ServedPtr served;
  const BuiltinTypes* types = nullptr;  // for bodies in protobuf
  ResourcePtr resource;                 // for resource requests
  const Version* version = nullptr;
  Cancellation gone = {};  // the client, or the whole server
};

// An answer that is whole. `streamed`: it has already gone out.
struct Reply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  bool streamed = false;
  bool html_safe = false;  // the body is as Go writes JSON already
  http::Headers headers = {};
};

// The number that a query names as its resourceVersion; else what Kubernetes calls its own
// fault: 500.
Answer<std::uint64_t> ReadRevision(const std::string& text);
Reply JsonReply(json::ObjectPtr object, int status = 200);
// In the encoding that the client accepts: Status, Scale, reviews and built-in kinds.
Reply ObjectReply(const Exchange& exchange, json::ObjectPtr object, int status = 200);
// The headers that every answer has.
http::Headers CommonHeaders(const Exchange& exchange, std::string_view content_type);

}  // namespace capstan::apiserver
