// Kubernetes' protobuf, application/vnd.kubernetes.protobuf: converts built-in kinds, DeleteOptions
// and Status between JSON trees and bytes, according to the tables of schema/tables.
//
// A body is "k8s\0" followed by a runtime.Unknown, which contains apiVersion, kind and the object.
// Fields that the tables do not name are omitted. Memory is bounded by the size of the body times a
// small constant: lengths are checked against the remaining bytes before allocation, and both the
// nesting (as for JSON) and the number of values are limited.
//
// Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/schema/tables/types.hpp>

namespace capstan::apiserver {

inline constexpr std::string_view kProtobufType = "application/vnd.kubernetes.protobuf";

struct ProtobufLimits {
  int depth = 100;
  std::size_t values = 250000;  // strings, numbers, lists and objects of one body
};

// Decodes an object, with apiVersion and kind first; a body that names neither is read as
// `expected_version` and `expected_kind`. Errors: kInvalidArgument (not such an envelope,
// truncated, a kind that is not in the tables, limits exceeded).
Result<json::ObjectPtr> DecodeProtobuf(const BuiltinTypes& types, std::string_view body,
                                       std::string_view expected_version, std::string_view expected_kind,
                                       const ProtobufLimits& limits);

// Encodes an object by its apiVersion and kind; empty when the tables do not have that kind.
std::string EncodeProtobuf(const BuiltinTypes& types, const json::ObjectPtr& object);

// Encodes the metadata of an object as PartialObjectMetadata.
std::string EncodePartialMetadata(const BuiltinTypes& types, const json::ObjectPtr& object);

// Writes a list item by item. For one thread.
class ProtobufList final {
 public:
  // `item` null: the items are PartialObjectMetadata. `types` must outlive this object.
  ProtobufList(const BuiltinTypes& types, const BuiltinType* item, const json::ObjectPtr& metadata);
  void Add(const json::ObjectPtr& object);
  std::string Finish(std::string_view api_version, std::string_view kind) &&;

 private:
  const BuiltinTypes& types_;
  const BuiltinType* item_;
  std::string items_;
};

// One watch event, prefixed with its length. `object` is an encoded body.
std::string ProtobufWatchFrame(std::string_view event, std::string_view object);

}  // namespace capstan::apiserver
