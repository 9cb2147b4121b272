// What CEL expressions compute with. For the cel files only.
//
// Lists and maps of the object under test are looked at where they lie: such values must not
// outlive the trees they came from. Values; thread-safe like their trees.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver::cel {

struct Value {
  enum class Kind { kNull, kBool, kInt, kUint, kDouble, kString, kBytes, kList, kMap, kTimestamp, kDuration };
  Kind kind = Kind::kNull;
  bool truth = false;
  std::int64_t whole = 0;  // kInt; nanoseconds of kTimestamp (since 1970) and kDuration
  std::uint64_t natural = 0;
  double real = 0;
  std::string text;                                                    // kString, kBytes
  std::shared_ptr<const std::vector<Value>> items;                     // of a kList made by an expression
  std::shared_ptr<const std::vector<std::pair<Value, Value>>> fields;  // of a kMap made by an expression
  const json::Tree* tree = nullptr;                                    // of a kList or kMap of the object
  const SchemaNode* node = nullptr;                                    // its schema; null: unknown

  bool IsNumber() const { return kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kDouble; }
};

Value Null();
Value Bool(bool truth);
Value Int(std::int64_t whole);
Value Uint(std::uint64_t natural);
Value Double(double real);
Value Text(std::string text);
Value List(std::vector<Value> items);

// A value of the object. `node` says what its text means (date-time, duration, byte); may be null.
Value FromTree(const json::Tree& tree, const SchemaNode* node);

std::size_t SizeOf(const Value& value);              // runes, items or fields
Value ItemAt(const Value& list, std::size_t index);  // REQUIRES: a kList, index below its size
// The field of a kMap under its name as CEL writes it (see UnescapeName), or nothing.
std::optional<Value> FieldOf(const Value& map, const std::string& name);
std::optional<Value> LookUp(const Value& map, const Value& key);
std::vector<Value> KeysOf(const Value& map);

bool Same(const Value& a, const Value& b);
// Order of two numbers, texts, times, durations or truths; nothing when they cannot be ordered.
std::optional<int> Order(const Value& a, const Value& b);

// Names that CEL cannot spell are written in Kubernetes' escapes: __dash__, __dot__, __slash__,
// __underscores__, __KEYWORD__.
std::string UnescapeName(const std::string& name);
// Whether a field of this name may be written so.
bool IsNameOf(const std::string& written, const std::string& name);

// RFC 3339; nothing when malformed.
std::optional<std::int64_t> ParseTimestamp(const std::string& text);
// As Go writes durations: "1h30m", "1.5s"; nothing when malformed.
std::optional<std::int64_t> ParseDuration(const std::string& text);

}  // namespace capstan::apiserver::cel
