// Kubernetes' protobuf, application/vnd.kubernetes.protobuf: built-in kinds, DeleteOptions and
// Status between JSON trees and bytes, by the tables of schema/tables.
//
// A body is "k8s\0" and a runtime.Unknown, which holds apiVersion, kind and the object. Fields that
// the tables do not name are left out. Memory is bounded by the size of the body times a small
// constant: lengths are compared with what is there before anything is made, nesting has the limit
// that JSON has, and the number of values has one as well.
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

// The object, with apiVersion and kind in front; a body that names neither is read as
// `expected_version` and `expected_kind`. Errors: kInvalidArgument (no such envelope, cut, a kind
// that the tables do not have, more than the limits).
Result<json::ObjectPtr> DecodeProtobuf(const BuiltinTypes& types, std::string_view body,
                                       std::string_view expected_version, std::string_view expected_kind,
                                       const ProtobufLimits& limits);

// The body of an object by its apiVersion and kind; empty when the tables do not have that kind.
std::string EncodeProtobuf(const BuiltinTypes& types, const json::ObjectPtr& object);

// The body of an object of which only the metadata is shown: PartialObjectMetadata.
std::string EncodePartialMetadata(const BuiltinTypes& types, const json::ObjectPtr& object);

// A list while it is written.
class ProtobufList final {
 public:
  // `item` null: the items are PartialObjectMetadata.
  ProtobufList(const BuiltinTypes& types, const BuiltinType* item, const json::ObjectPtr& metadata);
  void Add(const json::ObjectPtr& object);
  std::string Finish(std::string_view api_version, std::string_view kind) &&;

 private:
  const BuiltinTypes& types_;
  const BuiltinType* item_;
  std::string items_;
};

// One event of a watch, with its length in front. `object` is a body.
std::string ProtobufWatchFrame(std::string_view event, std::string_view object);

}  // namespace capstan::apiserver
