// Model is the intermediate representation of `capstan generate types` between schema and C++: the
// structs and enumerations of one API version, each after those it contains. Values; thread-safety
// of a value.
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
  kQuantity,     // likewise, with the pattern of quantities: typed::Quantity
  kJson,         // anything: a schema that preserves unknown fields, or lists none
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
  std::optional<Json> initial;  // the schema's default, if C++ can express it as an initialiser
  std::string description;
};

struct Struct {
  std::string name;
  std::string description;
  std::vector<Field> fields;
};

struct Enumerator {
  std::string text;      // as in JSON
  std::string cpp_name;  // kAlways
};

struct Enum {
  std::string name;
  std::string description;
  std::vector<Enumerator> values;
};

// A kind with a top-level struct of its own, and its names in the API.
struct KindNames {
  std::string group;
  std::string version;
  std::string kind;
  std::string plural;
  bool namespaced = true;
};

struct Model {
  std::vector<KindNames> kinds;  // the name of each is also the name of its struct
  std::vector<Enum> enums;
  std::vector<Struct> structs;
};

}  // namespace capstan::generate
