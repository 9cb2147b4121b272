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

// The form of the answer, from the Accept header.
struct Accepted {
  enum class Shape { kObject, kTable, kPartialMetadata, kPartialMetadataList };
  Shape shape = Shape::kObject;
  bool yaml = false;
  bool protobuf = false;
  std::string meta_version = "v1";  // version of meta.k8s.io for tables and partial metadata
  // Version of apidiscovery.k8s.io, when the aggregated form is requested.
  std::string discovery_version;
};

// How much of an answer can be encoded as protobuf: nothing, only metadata (custom resources),
// everything.
enum class ProtobufOffer { kNothing, kMetadata, kAll };

// The first acceptable range of the header. Errors: 406.
Answer<Accepted> Negotiate(const http::Headers& headers, ProtobufOffer offer);

// "application/json" from "application/json; charset=utf-8", in lower case; empty when absent.
std::string MediaType(const http::Headers& headers);

struct BodyLimits {
  int depth = 100;  // nesting of objects and lists
  // The types for reading protobuf; null: protobuf is refused (415), as for custom resources.
  const BuiltinTypes* protobuf = nullptr;
  std::string api_version = {};  // of a protobuf body that names none
};

// Reads one document, JSON, YAML or protobuf by content type (none: JSON). Errors: 415 listing
// `accepted`, 400. `kind` is the name of the expected object in errors.
Answer<json::ObjectPtr> ReadObject(const http::Request& request, std::string_view kind,
                                   const BodyLimits& limits);

// Paths of fields that occur more than once in one object of a JSON text: "spec.size". REQUIRES:
// the text is JSON.
std::vector<std::string> DuplicateFields(std::string_view text);

// The start of a body, as errors quote it.
std::string ShownBody(std::string_view body);
// What Go's decoder says about text that is not JSON: that it ends too early, or `otherwise`.
std::string MalformedJson(std::string_view body, std::string_view otherwise);

}  // namespace capstan::apiserver
