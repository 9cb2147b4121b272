// The OpenAPI documents that kubectl reads: v2 (JSON and gnostic's protobuf) and v3 (one document
// for each group and version).
//
// The server caches the v2 documents until the served resources change. Pure; thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/schema/builtin.hpp>

namespace capstan::apiserver {

// One served resource of one group and version.
struct ServedResource {
  std::string group;  // "" is the core group
  std::string version;
  std::string kind;
  std::string plural;
  bool namespaced = true;
  bool status = false;                      // has the status subresource
  bool scale = false;                       // has the scale subresource
  bool create_only = false;                 // a review: accepts only POST
  json::ObjectPtr open_api_v3_schema = {};  // of a CRD; null: a built-in kind of BuiltinSchemas
};

// The Content-Type of the protobuf answer. Clients request
// "application/com.github.proto-openapi.spec.v2@v1.0+ protobuf", but kubectl 1.20 cannot read an
// answer of that type.
inline constexpr std::string_view kOpenApiV2ProtobufType = "application/octet-stream";

// GET /openapi/v2 as JSON.
std::string OpenApiV2Json(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins);
// GET /openapi/v2 for clients that accept protobuf: gnostic's openapi.v2.Document. kubectl 1.20
// requests it before every apply.
std::string OpenApiV2Protobuf(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins);

// GET /openapi/v3: {"paths": {"api/v1": {"serverRelativeURL": "/openapi/v3/api/v1?hash=…"}}}.
std::string OpenApiV3Index(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins);
// GET /openapi/v3/apis/GROUP/VERSION (group "": /openapi/v3/api/VERSION) as JSON; empty when no
// resource of that group and version is served.
std::string OpenApiV3Json(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins,
                          std::string_view group, std::string_view version);

}  // namespace capstan::apiserver
