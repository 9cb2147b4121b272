// Kubernetes' rules for its built-in kinds beyond types: defaults, the shape that Go gives an
// object, closed lists of values, required fields. Two tables (defaults.cpp, checks.cpp) map a type
// and a field to a rule, so that a rule applies wherever the type occurs; rules that a table line
// cannot express are functions of their type.
//
// Built once, then immutable and thread-safe. Modifies objects in place.
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
  explicit KindRules(const BuiltinTypes& types);  // `types` must outlive this object

  // Gives an object the form in which Go would write it after reading it, and fills in defaults:
  // drops nulls, empty lists and maps and the zero values of plain fields, adds required fields and
  // structures. REQUIRES: the types match.
  void Shape(const BuiltinType& type, json::ObjectPtr object) const;

  // What Go writes for an empty object of the type: structures, and fields that are always written.
  // The writer of a create owns everything beyond that.
  void FillZeroValues(const BuiltinType& type, json::ObjectPtr object) const;

  // Violations of the rules in the tables. Does not check the status: a server accepts any.
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
    void (*fill)(json::ObjectPtr object) = nullptr;  // runs before the defaults
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

// The lines of the tables, and the functions of types; see defaults.cpp and checks.cpp.
std::string_view KindDefaults();
std::string_view KindChecks();
struct KindFill {
  std::string_view type;
  void (*fill)(json::ObjectPtr object);
};
std::vector<KindFill> KindFills();

}  // namespace capstan::apiserver
