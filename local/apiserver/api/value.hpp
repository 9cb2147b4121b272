// The kinds of JSON values as schemas, rules and patches distinguish them. Pure functions;
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
// The word in Kubernetes' messages: "null", "boolean", "integer", "number", "string", "array",
// "object".
std::string_view KindName(ValueKind kind);

// REQUIRES: a value of that kind; integers above int64 are clamped.
bool BooleanOf(const json::Tree& value);
std::int64_t IntegerOf(const json::Tree& value);
double NumberOf(const json::Tree& value);  // kInteger or kDouble
const std::string& TextOf(const json::Tree& value);
// The object or array without copying its shared pointer; null when the value is something else.
const Poco::JSON::Object* ObjectOf(const json::Tree& value);
const Poco::JSON::Array* ArrayOf(const json::Tree& value);

// The value under a key, not copied; null when absent.
const json::Tree* Find(const Poco::JSON::Object& object, const std::string& key);
const json::Tree* Find(const json::Tree& value, const std::string& key);

// Looks up keys in ascending order, as iterating over another object yields them, in one pass over
// both. The object must outlive this.
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

// json::ParseTree with Go's reading of numbers (numbers_of_go.hpp).
Result<json::Tree> ParseAsGo(std::string_view text, int depth);
// Likewise for YAML.
Result<json::Tree> ParseYamlAsGo(std::string_view text, int depth);

// The number of characters (not bytes) of UTF-8 text; an invalid byte counts as one.
std::size_t CountRunes(std::string_view text);

}  // namespace capstan::apiserver
