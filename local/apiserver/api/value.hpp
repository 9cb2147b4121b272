// What kind of value a JSON tree holds, as schemas, rules and patches ask it. Pure functions,
// thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

enum class ValueKind { kNull, kBoolean, kInteger, kDouble, kString, kArray, kObject };

ValueKind KindOf(const json::Tree& value);
// Kubernetes' word in its messages: "null", "boolean", "integer", "number", "string", "array",
// "object".
std::string_view KindName(ValueKind kind);

// REQUIRES: the kind of that name; integers above int64 are clamped.
bool BooleanOf(const json::Tree& value);
std::int64_t IntegerOf(const json::Tree& value);
double NumberOf(const json::Tree& value);  // kInteger or kDouble
const std::string& TextOf(const json::Tree& value);
// Without copying the pointer; null when it is something else.
const Poco::JSON::Object* ObjectOf(const json::Tree& value);
const Poco::JSON::Array* ArrayOf(const json::Tree& value);

// The value under a key without a copy; null when there is none.
const json::Tree* Find(const Poco::JSON::Object& object, const std::string& key);
const json::Tree* Find(const json::Tree& value, const std::string& key);

// Looks keys up that come in ascending order, as walking another object yields them, in one pass
// over both. The object must outlive it.
class SortedLookup final {
 public:
  explicit SortedLookup(const Poco::JSON::Object* object);  // null: empty
  const json::Tree* Find(const std::string& key);

 private:
  const Poco::JSON::Object* object_;
  Poco::JSON::Object::ConstIterator at_;
};

// A number as Kubernetes prints it: 0.5, 3, 1e+21.
std::string NumberText(double value);

// As json::ParseTree, with numbers as Go has them (numbers_of_go.hpp).
Result<json::Tree> ParseAsGo(std::string_view text, int depth);
// The same of YAML.
Result<json::Tree> ParseYamlAsGo(std::string_view text, int depth);

// How many characters (not bytes) UTF-8 text has; a stray byte counts as one.
std::size_t CountRunes(std::string_view text);

}  // namespace capstan::apiserver
