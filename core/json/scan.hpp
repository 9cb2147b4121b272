// Reads the fields of an object that the list and watch path needs, in one pass with simdjson and
// without a tree. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan::json {

struct OwnerReference {
  std::string api_version, kind, name, uid;
  bool controller = false;
  bool block_owner_deletion = false;
  friend bool operator==(const OwnerReference&, const OwnerReference&) = default;
};

// metadata of a Kubernetes object, with kind and apiVersion. Missing fields are empty.
struct Metadata {
  std::string api_version, kind;
  std::string name, namespace_, uid, resource_version, generate_name;
  std::int64_t generation = 0;
  std::string creation_timestamp, deletion_timestamp;
  std::vector<std::pair<std::string, std::string>> labels, annotations;
  std::vector<std::string> finalizers;
  std::vector<OwnerReference> owners;
};

// Reads the metadata of one object. Errors: kDataLoss naming the problem in the text.
Result<Metadata> ScanMetadata(std::string_view object);

// Only metadata.resourceVersion of one object. The inside of the other values is not checked beyond
// brackets and quotes. Errors: kDataLoss naming the problem in the text.
Result<std::string> ScanResourceVersion(std::string_view object);

// The object's text without metadata.managedFields, which make up a third of it and have no use in
// a cache. Errors: those of ScanMetadata.
Result<std::string> WithoutManagedFields(std::string_view object);

// The members of an object, each with the unmodified text of its value; a key that occurs twice is
// listed twice. The inside of the values is not checked. Errors: kInvalidArgument, kTooLarge.
Result<std::vector<std::pair<std::string, std::string_view>>> Members(std::string_view object);

// The unmodified text of the value at a JSON pointer, found by brackets and quotes without parsing
// the rest of the document; nothing if there is none, or if the pointer is malformed. If a key
// occurs twice, the last value counts. REQUIRES: one of the functions of this folder has parsed the
// document; in any other text it finds nothing, or some part of it.
std::optional<std::string_view> FindInParsed(std::string_view document, std::string_view pointer);

// The JSON text of the value at a JSON pointer (RFC 6901), or nothing if there is none. Errors:
// kInvalidArgument.
Result<std::optional<std::string>> ValueAt(std::string_view document, std::string_view pointer);
// The decoded string at a JSON pointer; nothing also if the value is not a string. Errors:
// kInvalidArgument.
Result<std::optional<std::string>> StringAt(std::string_view document, std::string_view pointer);
Result<std::optional<std::int64_t>> IntegerAt(std::string_view document, std::string_view pointer);
Result<std::optional<bool>> BooleanAt(std::string_view document, std::string_view pointer);

}  // namespace capstan::json
