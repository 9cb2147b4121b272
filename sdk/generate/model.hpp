// Model is what `capstan generate types` knows between reading a schema and writing C++: the
// structs and enumerations of one API version, in an order in which each stands after those it
// contains. Values; thread-safety of a value.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/base/json.hpp>

namespace capstan::generate {

enum class Shape {
  kString,
  kBoolean,
  kInteger32,
  kInteger64,
  kNumber,
  kTime,         // format date-time: typed::Time
  kIntOrString,  // x-kubernetes-int-or-string: typed::IntOrString
  kQuantity,     // the same with the pattern of quantities: typed::Quantity
  kJson,         // anything: a schema that preserves unknown fields, or names none
  kObjectMeta,   // typed::ObjectMeta
  kEnum,         // `name`
  kStruct,       // `name`
  kList,         // of `element`
  kMap,          // from string to `element`
};

struct Type {
  Shape shape = Shape::kJson;
  std::string name;
  std::shared_ptr<const Type> element;
};

struct Field {
  std::string json_name;
  std::string cpp_name;
  Type type;
  bool required = false;
  bool nullable = false;
  std::optional<Json> initial;  // the schema's default, where C++ can write it as an initialiser
  std::string description;
};

struct Struct {
  std::string name;
  std::string description;
  std::vector<Field> fields;
};

struct Enumerator {
  std::string text;      // as it stands in JSON
  std::string cpp_name;  // kAlways
};

struct Enum {
  std::string name;
  std::string description;
  std::vector<Enumerator> values;
};

// A kind that has its own top-level struct, with what the API calls it.
struct KindNames {
  std::string group;
  std::string version;
  std::string kind;
  std::string plural;
  bool namespaced = true;
};

struct Model {
  std::vector<KindNames> kinds;  // the name of each is the name of its struct
  std::vector<Enum> enums;
  std::vector<Struct> structs;
};

}  // namespace capstan::generate
