// The OpenAPI documents that kubectl reads: v2 (JSON and gnostic's protobuf) and v3 (one per group
// and version).
//
// Made again whenever the served resources change; a document is built on first demand by the
// caller (Make is cheap). Pure; thread-safe.
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
  bool create_only = false;                 // a review: POST and nothing else
  json::ObjectPtr open_api_v3_schema = {};  // of a CRD; null: a built-in kind of BuiltinSchemas
};

// The Content-Type of the protobuf answer. Clients ask with another type,
// "application/com.github.proto-openapi.spec.v2@v1.0+ protobuf", but kubectl 1.20 cannot read that
// one in an answer.
inline constexpr std::string_view kOpenApiV2ProtobufType = "application/octet-stream";

// GET /openapi/v2 as JSON.
std::string OpenApiV2Json(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins);
// GET /openapi/v2 for clients that accept protobuf: gnostic's openapi.v2.Document. kubectl 1.20
// asks for it before every apply.
std::string OpenApiV2Protobuf(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins);

// GET /openapi/v3: {"paths": {"api/v1": {"serverRelativeURL": "/openapi/v3/api/v1?hash=…"}}}.
std::string OpenApiV3Index(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins);
// GET /openapi/v3/apis/GROUP/VERSION (group "": /openapi/v3/api/VERSION) as JSON; empty when
// nothing of it is served.
std::string OpenApiV3Json(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins,
                          std::string_view group, std::string_view version);

}  // namespace capstan::apiserver
