// Kubernetes' built-in types as the tables define them: the fields of a type in JSON and in
// protobuf.
//
// Built once, then immutable and thread-safe. Strings are views of constants in the program.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace capstan::apiserver {

struct BuiltinType;

struct BuiltinField {
  enum class Kind {
    kString,
    kInt32,
    kInt64,
    kBool,
    kNumber,
    kBytes,  // base64 in JSON
    kTime,
    kMicroTime,
    kQuantity,
    kIntOrString,
    kFields,           // fieldsV1: an object
    kRaw,              // any object
    kJson,             // any value
    kStrings,          // a list of strings, which protobuf wraps in a message
    kSchemaOrList,     // of JSONSchemaProps
    kSchemaOrBool,     // of JSONSchemaProps
    kSchemaOrStrings,  // of JSONSchemaProps
    kMessage,
  };
  enum class Repeat { kOne, kList, kMap };

  std::string_view name;  // in JSON; empty: the fields of `type` are at this level
  std::uint32_t number = 0;
  Kind kind = Kind::kString;
  Repeat repeat = Repeat::kOne;
  const BuiltinType* type = nullptr;  // of kMessage and kSchema…
  bool pointer = false;
  bool required = false;
  bool always_written = false;
  std::string_view description;
  std::vector<std::string_view> options;
};

struct BuiltinType {
  std::string_view name;
  std::string_view package;  // "core"
  std::string full_name;     // "io.k8s.api.core.v1.Pod"
  std::string_view description;
  bool kind = false;                 // has apiVersion and kind
  bool atomic = false;               // server-side apply treats it as a unit
  bool open = false;                 // JSON can have anything there
  std::vector<BuiltinField> fields;  // in the order of the table

  const BuiltinField* ByNumber(std::uint32_t number) const;

  std::vector<std::uint16_t> by_number;  // index into fields; 0xFFFF for none
};

class BuiltinTypes final {
 public:
  BuiltinTypes();
  BuiltinTypes(const BuiltinTypes&) = delete;
  BuiltinTypes& operator=(const BuiltinTypes&) = delete;

  // `api_version` is "v1" or "apps/v1"; null when the tables have no such kind or body.
  const BuiltinType* FindKind(std::string_view api_version, std::string_view kind) const;
  // By alias and name: "meta", "ObjectMeta". REQUIRES: the tables have it.
  const BuiltinType& Find(std::string_view package, std::string_view name) const;
  const std::deque<BuiltinType>& all() const { return types_; }
  // The types by api_version/kind.
  const std::map<std::string, const BuiltinType*, std::less<>>& kinds() const { return kinds_; }

 private:
  class Reader;
  std::deque<BuiltinType> types_;
  std::map<std::string, const BuiltinType*, std::less<>> kinds_;
  std::map<std::string, BuiltinType*, std::less<>> names_;  // "core.Pod"
};

}  // namespace capstan::apiserver
