// Json is a small JSON value for authors of operators and plugins who want no JSON library: parse a
// document, read fields without error handling, build a document. Not fast, not meant for documents
// of many megabytes. It is in this folder and not in core/json because plugins link core/base and
// no other JSON library. A value; thread-safety of a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <capstan/core/base/result.hpp>

namespace capstan {

class Json {
 public:
  using Array = std::vector<Json>;
  using Field = std::pair<std::string, Json>;
  using Object = std::vector<Field>;  // in the order of the document

  Json() = default;  // null
  Json(bool value) : value_(value) {}
  Json(std::int64_t value) : value_(value) {}
  Json(int value) : value_(std::int64_t{value}) {}
  Json(double value) : value_(value) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}
  static Json EmptyObject() { return Json(Object{}); }
  static Json EmptyArray() { return Json(Array{}); }

  // Errors: kInvalidArgument with the position and the problem there; kTooLarge for nesting deeper
  // than `depth`. If a name occurs twice, the last field wins. Whole numbers outside int64 become
  // doubles; numbers too small for a double become zero.
  static Result<Json> Parse(std::string_view text, int depth = 128);
  // Compact. Valid UTF-8 is copied unchanged; each invalid byte becomes U+FFFD. NaN and infinities
  // become null.
  std::string ToText() const;

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }
  bool is_number() const {
    return std::holds_alternative<std::int64_t>(value_) || std::holds_alternative<double>(value_);
  }

  // The field; null if this is not an object or has no such field: document["spec"]["size"] cannot
  // fail.
  const Json& operator[](std::string_view name) const;
  // The value at a JSON pointer (RFC 6901) such as "/servers/0/name"; null if there is none.
  const Json& At(std::string_view pointer) const;
  // The value if it has that type, else `otherwise`. No conversions.
  std::string AsString(std::string_view otherwise = "") const;
  std::int64_t AsInteger(std::int64_t otherwise = 0) const;
  double AsNumber(double otherwise = 0) const;  // whole numbers too
  bool AsBool(bool otherwise = false) const;
  // The elements or fields; empty if this is not an array or object.
  const Array& items() const;
  const Object& fields() const;

  // Sets a field; turns this into an object if it is not one. Returns *this for chaining.
  Json& Set(std::string name, Json value);
  // Appends an element; turns this into an array if it is not one.
  Json& Append(Json value);

  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

// Appends `text` as a quoted JSON string. Valid UTF-8 is copied unchanged; each invalid byte
// becomes U+FFFD. Pure, thread-safe.
void AppendJsonString(std::string_view text, std::string& out);
// Appends the shortest text that parses back to the same double. A whole number keeps ".0", so that
// it stays a double; NaN and infinities, which JSON cannot represent, become null.
void AppendJsonNumber(double number, std::string& out);

}  // namespace capstan
