// Reading and writing of structs that list their fields. A struct lists them in a static function
// template, one line per field:
//
//   struct Port {
//     std::string name;
//     std::optional<std::int32_t> number;
//     Json unknown_fields;
//
//     template <class Self, class Visitor>
//     static void VisitFields(Self& self, Visitor& visitor) {
//       visitor.Required("name", self.name);
//       visitor.Optional("number", self.number);
//     }
//   };
//
// A field may be a bool, std::int32_t, std::int64_t, double, std::string, Json, a value of
// values.hpp, such a struct, an enumeration with EnumTexts(E), or a std::vector or
// std::map<std::string, …> of those. Fields that a struct does not list are kept in
// `unknown_fields` and written back.
//
// Pure; thread-safe. Errors: kInvalidArgument, "spec.ports[2].number: …".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <capstan/core/base/json.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/kind.hpp>
#include <capstan/core/typed/values.hpp>

namespace capstan::typed {

// What is invalid in a value, and where. An empty `what`: nothing.
struct Problem {
  std::string path;
  std::string what;
  explicit operator bool() const { return !what.empty(); }
  // The same problem, with its path relative to the enclosing object or list.
  Problem Below(std::string_view name) &&;
  Problem Below(std::size_t index) &&;
};

Problem ReadValue(const Json& json, bool& value);
Problem ReadValue(const Json& json, std::int32_t& value);
Problem ReadValue(const Json& json, std::int64_t& value);
Problem ReadValue(const Json& json, double& value);
Problem ReadValue(const Json& json, std::string& value);
Problem ReadValue(const Json& json, Json& value);
Problem ReadValue(const Json& json, IntOrString& value);
Problem ReadValue(const Json& json, Quantity& value);
Problem ReadValue(const Json& json, Time& value);

inline Json WriteValue(bool value) { return Json(value); }
inline Json WriteValue(std::int32_t value) { return Json(std::int64_t{value}); }
inline Json WriteValue(std::int64_t value) { return Json(value); }
inline Json WriteValue(double value) { return Json(value); }
inline Json WriteValue(const std::string& value) { return Json(value); }
inline Json WriteValue(const Json& value) { return value; }
Json WriteValue(const IntOrString& value);
Json WriteValue(const Quantity& value);
Json WriteValue(const Time& value);

// The Problem of a value of the wrong type: `expected an integer, found "80"`.
Problem WrongType(std::string_view expected, const Json& found);
// Finds the index of a string among those of an enumeration.
Problem ReadEnum(const Json& json, std::span<const std::string_view> texts, std::size_t& index);

struct AnyVisitor {
  template <class T>
  void Required(std::string_view, T&) {}
  template <class T>
  void Optional(std::string_view, std::optional<T>&) {}
  template <class T>
  void Defaulted(std::string_view, T&) {}
};
template <class T>
concept HasFields = requires(T& value, AnyVisitor& visitor) {
  T::VisitFields(value, visitor);
  value.unknown_fields;
};
template <class T>
concept HasTexts = std::is_enum_v<T> && requires(T value) {
  { EnumTexts(value) } -> std::convertible_to<std::span<const std::string_view>>;
};

template <HasTexts T>
Problem ReadValue(const Json& json, T& value) {
  std::size_t index = 0;
  Problem problem = ReadEnum(json, EnumTexts(T{}), index);
  if (!problem) value = static_cast<T>(index);
  return problem;
}
template <HasTexts T>
Json WriteValue(T value) {
  return Json(EnumTexts(value)[static_cast<std::size_t>(value)]);
}

template <HasFields T>
Problem ReadValue(const Json& json, T& value);
template <HasFields T>
Json WriteValue(const T& value);
template <class T>
Problem ReadValue(const Json& json, std::map<std::string, T>& map);
template <class T>
Json WriteValue(const std::map<std::string, T>& map);

template <class T>
Problem ReadValue(const Json& json, std::vector<T>& list) {
  if (!json.is_array()) return WrongType("a list", json);
  list.clear();
  list.reserve(json.items().size());
  for (std::size_t i = 0; i < json.items().size(); ++i) {
    T element{};
    if (Problem problem = ReadValue(json.items()[i], element)) return std::move(problem).Below(i);
    list.push_back(std::move(element));
  }
  return {};
}
template <class T>
Json WriteValue(const std::vector<T>& list) {
  Json json = Json::EmptyArray();
  for (const T& element : list) json.Append(WriteValue(element));
  return json;
}

template <class T>
Problem ReadValue(const Json& json, std::map<std::string, T>& map) {
  if (!json.is_object()) return WrongType("an object", json);
  map.clear();
  for (const auto& [name, field] : json.fields()) {
    T element{};
    if (Problem problem = ReadValue(field, element)) return std::move(problem).Below(name);
    map.insert_or_assign(name, std::move(element));
  }
  return {};
}
template <class T>
Json WriteValue(const std::map<std::string, T>& map) {
  Json::Object fields;
  fields.reserve(map.size());
  for (const auto& [name, element] : map) fields.emplace_back(name, WriteValue(element));
  return Json(std::move(fields));
}

// Reads the fields of an object into a struct; stops at the first problem.
class FieldReader {
 public:
  explicit FieldReader(const Json& object) : object_(object), seen_(object.fields().size()) {}

  template <class T>
  void Required(std::string_view name, T& value) {
    Read(name, value, true);
  }
  template <class T>
  void Optional(std::string_view name, std::optional<T>& value) {
    const Json* field = Find(name);
    if (problem_) return;
    value.reset();
    if (field == nullptr || field->is_null()) return;
    if (Problem problem = ReadValue(*field, value.emplace())) problem_ = std::move(problem).Below(name);
  }
  // Keeps the initial value if the object has none.
  template <class T>
  void Defaulted(std::string_view name, T& value) {
    Read(name, value, false);
  }

  Problem TakeProblem() { return std::move(problem_); }
  // The fields that were not read, in order; null if there are none.
  Json Unknown() const;

 private:
  const Json* Find(std::string_view name);
  template <class T>
  void Read(std::string_view name, T& value, bool required) {
    const Json* field = Find(name);
    if (problem_) return;
    if (field == nullptr || field->is_null()) {
      if (required) problem_ = Problem{std::string(name), "is required and missing"};
    } else if (Problem problem = ReadValue(*field, value)) {
      problem_ = std::move(problem).Below(name);
    }
  }

  const Json& object_;
  std::vector<bool> seen_;
  Problem problem_;
};

// Writes the fields of a struct in order; optional ones only if they have a value.
class FieldWriter {
 public:
  template <class T>
  void Required(std::string_view name, const T& value) {
    fields_.emplace_back(name, WriteValue(value));
  }
  template <class T>
  void Optional(std::string_view name, const std::optional<T>& value) {
    if (value) fields_.emplace_back(name, WriteValue(*value));
  }
  template <class T>
  void Defaulted(std::string_view name, const T& value) {
    Required(name, value);
  }
  Json Done(const Json& unknown) &&;

 private:
  Json::Object fields_;
};

template <HasFields T>
Problem ReadValue(const Json& json, T& value) {
  if (!json.is_object()) return WrongType("an object", json);
  FieldReader reader(json);
  T::VisitFields(value, reader);
  value.unknown_fields = reader.Unknown();
  return reader.TakeProblem();
}
template <HasFields T>
Json WriteValue(const T& value) {
  FieldWriter writer;
  T::VisitFields(value, writer);
  return std::move(writer).Done(value.unknown_fields);
}

// Parses the text of a whole object; if it contains apiVersion and kind, they must be those of
// `kind`.
Result<Json> ParseWhole(std::string_view text, const kube::Kind& kind);
Error ErrorOf(const Problem& problem, const kube::Kind& kind);

template <HasFields T>
Result<T> ReadWhole(std::string_view text, const kube::Kind& kind) {
  CAPSTAN_TRY(const Json json, ParseWhole(text, kind));
  T value;
  if (const Problem problem = ReadValue(json, value)) return Fail(ErrorOf(problem, kind));
  return value;
}
// Writes apiVersion and kind first.
std::string WholeText(Json fields, const kube::Kind& kind);
template <HasFields T>
std::string WriteWhole(const T& value, const kube::Kind& kind) {
  return WholeText(WriteValue(value), kind);
}

}  // namespace capstan::typed
