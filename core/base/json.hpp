// Json is a small JSON value, for those who write operators and plugins and want no JSON library:
// parse a document, look into it without ever failing, build another. Not fast, not for documents
// of many megabytes. It lies here, not in core/json, since plugins link it and no other JSON
// library. A value; thread-safety of a value.
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

  // Errors: kInvalidArgument with the position and what is wrong there; kTooLarge for nesting
  // deeper than `depth`. Of two fields of one name the last counts. Whole numbers outside int64
  // become doubles; what is nearer to zero than any double becomes zero.
  static Result<Json> Parse(std::string_view text, int depth = 128);
  // Compact; UTF-8 stays as it is, bytes that are none become U+FFFD. Not-a-number and infinities
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

  // The field, or null where this is no object or has none of that name: document["spec"]["size"]
  // cannot fail.
  const Json& operator[](std::string_view name) const;
  // What stands at a JSON pointer (RFC 6901), such as "/servers/0/name"; null where there is
  // nothing.
  const Json& At(std::string_view pointer) const;
  // The value if it is of that type, else `otherwise`. Nothing is converted.
  std::string AsString(std::string_view otherwise = "") const;
  std::int64_t AsInteger(std::int64_t otherwise = 0) const;
  double AsNumber(double otherwise = 0) const;  // whole numbers too
  bool AsBool(bool otherwise = false) const;
  // The elements or fields; empty where this is no array or object.
  const Array& items() const;
  const Object& fields() const;

  // Sets a field, making this an object if it was none. Returns *this, to be chained.
  Json& Set(std::string name, Json value);
  // Appends an element, making this an array if it was none.
  Json& Append(Json value);

  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

// Appends `text` as a JSON string with its quotes. UTF-8 stays as it is; each byte that is none
// becomes U+FFFD. Pure, thread-safe.
void AppendJsonString(std::string_view text, std::string& out);
// Appends the shortest text that reads back as the same double. A whole number keeps ".0", so that
// it stays a double; not-a-number and infinities, which JSON cannot write, become null.
void AppendJsonNumber(double number, std::string& out);

}  // namespace capstan
