// What Kubernetes does with its own kinds beyond their types: defaults, the shape that Go gives an
// object, closed lists of values, required fields. By two tables (defaults.cpp, checks.cpp) whose
// lines name a type and a field, so that a rule holds wherever the type occurs; what no line can
// say is a function of its type.
//
// Made once, immutable and thread-safe then. Objects handed in are changed in place.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/field_error.hpp>
#include <capstan/local/apiserver/schema/tables/types.hpp>

namespace capstan::apiserver {

class KindRules final {
 public:
  explicit KindRules(const BuiltinTypes& types);  // `types` must outlive it

  // Brings an object into the form in which Go would write it after reading it, and fills in
  // defaults: nulls, empty lists and maps and the zeros of plain fields go, required ones and
  // structures come. REQUIRES: the types fit.
  void Shape(const BuiltinType& type, json::ObjectPtr object) const;

  // What Go writes of an empty object of the type: structures, and fields that are always written.
  // What a create has beyond it, its writer owns.
  void Skeleton(const BuiltinType& type, json::ObjectPtr object) const;

  // What breaks the rules of the tables. The status is not looked at: a server takes any.
  std::vector<FieldError> Check(const BuiltinType& type, const json::ObjectPtr& object) const;

 private:
  struct Default {
    std::string field;
    json::Tree value;
  };
  struct CheckOfField {
    std::string field;
    std::vector<std::string_view> words;
  };
  struct OfType {
    std::vector<Default> defaults;
    void (*fill)(json::ObjectPtr object) = nullptr;  // before the defaults
    void (*judge)(const json::ObjectPtr& value, const std::string& path,
                  std::vector<FieldError>& errors) = nullptr;
    std::vector<CheckOfField> checks;
  };

  OfType& Of(std::string_view name);
  void ReadDefaults();
  void ReadChecks();
  void ShapeField(const BuiltinField& field, json::ObjectPtr object) const;
  void ShapeFields(const BuiltinType& type, json::ObjectPtr object) const;
  void CheckObject(const BuiltinType& type, const json::ObjectPtr& object, const std::string& path, int depth,
                   std::vector<FieldError>& errors) const;
  void CheckFields(const BuiltinType& type, const json::ObjectPtr& object, const std::string& path, int depth,
                   std::vector<FieldError>& errors) const;

  const BuiltinTypes& types_;
  std::unordered_map<const BuiltinType*, OfType> rules_;
};

// The tables' lines, and the functions of types; see defaults.cpp and checks.cpp.
std::string_view KindDefaults();
std::string_view KindChecks();
struct KindFill {
  std::string_view type;
  void (*fill)(json::ObjectPtr object);
};
std::vector<KindFill> KindFills();

}  // namespace capstan::apiserver
