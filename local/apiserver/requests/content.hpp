// Content types: what a client accepts, and reading request bodies in JSON, YAML or protobuf. Pure;
// thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/http/message.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/error.hpp>
#include <capstan/local/apiserver/schema/tables/types.hpp>

namespace capstan::apiserver {

// How the answer is to look, from the Accept header.
struct Accepted {
  enum class Shape { kObject, kTable, kPartialMetadata, kPartialMetadataList };
  Shape shape = Shape::kObject;
  bool yaml = false;
  bool protobuf = false;
  std::string meta_version = "v1";  // of meta.k8s.io for tables and partial metadata
  std::string discovery_version;    // of apidiscovery.k8s.io, when the aggregated form is asked for
};

// What of an answer there is in protobuf: nothing, metadata alone (of custom resources),
// everything.
enum class ProtobufOffer { kNothing, kMetadata, kAll };

// The first acceptable of the header's ranges. Errors: 406.
Answer<Accepted> Negotiate(const http::Headers& headers, ProtobufOffer offer);

// "application/json" of "application/json; charset=utf-8", in lower case; empty when there is none.
std::string MediaType(const http::Headers& headers);

struct BodyLimits {
  int depth = 100;  // nesting of objects and lists
  // By which protobuf is read; null: it is refused (415), as for custom resources.
  const BuiltinTypes* protobuf = nullptr;
  std::string api_version = {};  // of a protobuf body that names none
};

// One document, JSON, YAML or protobuf by content type (none: JSON). Errors: 415 naming `accepted`,
// 400. `kind` is what the error calls the expected object.
Answer<json::ObjectPtr> ReadObject(const http::Request& request, std::string_view kind,
                                   const BodyLimits& limits);

// Paths of fields that a JSON text names more than once in one object: "spec.size". REQUIRES: the
// text is JSON.
std::vector<std::string> DuplicateFields(std::string_view text);

// The start of a body, as errors show it.
std::string ShownBody(std::string_view body);
// What Go's decoder would call wrong with a text that is no JSON: that it ends too early, or
// `otherwise`.
std::string MalformedJson(std::string_view body, std::string_view otherwise);

}  // namespace capstan::apiserver
