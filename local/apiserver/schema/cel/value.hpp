// The values of CEL expressions. For the cel files only.
//
// Lists, maps and strings of the object under test are not copied: such values must not outlive the
// trees that they come from. Copies of a value share the strings that an expression created.
// Values; thread-safe like their trees.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/schema/cel/meter.hpp>
#include <capstan/local/apiserver/schema/node.hpp>

namespace capstan::apiserver::cel {

struct Value {
  enum class Kind {
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kList,
    kMap,
    kTimestamp,
    kDuration,
    kOptional,   // items: one, or none
    kType,       // text: its name
    kUrl,        // text, as it was written
    kIp,         // text: 4 or 16 bytes
    kCidr,       // text: the bytes of the address, then one byte with the prefix length
    kQuantity,   // text, as it was written
    kSemver,     // text, normalized
    kFormat,     // text: its name
    kAuthorizer  // an authorization check under construction (functions_access.cpp)
  };
  Kind kind = Kind::kNull;
  bool truth = false;
  std::int64_t whole = 0;  // kInt; nanoseconds of kTimestamp (since 1970) and kDuration
  std::uint64_t natural = 0;
  double real = 0;
  std::string_view text;  // kString, kBytes, and the kinds marked above
  // Of text; null: owned by the object under test, or by the program.
  std::shared_ptr<const std::string> owner;
  std::shared_ptr<const std::vector<Value>> items;  // of a kList created by an expression
  // Of a kMap created by an expression.
  std::shared_ptr<const std::vector<std::pair<Value, Value>>> fields;
  const json::Tree* tree = nullptr;  // of a kList or kMap of the object
  const SchemaNode* node = nullptr;  // its schema; null: unknown

  bool IsNumber() const { return kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kDouble; }
  std::string String() const { return std::string(text); }
};

using Kind = Value::Kind;

Value Null();
Value Bool(bool truth);
Value Int(std::int64_t whole);
Value Uint(std::uint64_t natural);
Value Double(double real);
Value Text(std::string text);
Value TextOfKind(Kind kind, std::string text);
// A substring of `whole`, which shares its owner.
Value PartOf(const Value& whole, std::string_view part);
Value List(std::vector<Value> items);
Value Map(std::vector<std::pair<Value, Value>> fields);
Value Some(Value value);
Value None();

// Likewise, but charges the meter first: for strings and lists whose size the object determines.
Result<Value> MakeText(std::string text, Meter& meter);
Result<Value> MakeList(std::vector<Value> items, Meter& meter);

// A value of the object. `node` says how to read a string (date-time, duration, byte); may be null.
Result<Value> FromTree(const json::Tree& tree, const SchemaNode* node, Meter& meter);

std::size_t SizeOf(const Value& value);  // runes, items or fields
// REQUIRES: a kList, and an index below its size.
Result<Value> ItemAt(const Value& list, std::size_t index, Meter& meter);
// The field of a kMap under the name that CEL uses (see UnescapeName), or nullopt.
Result<std::optional<Value>> FieldOf(const Value& map, std::string_view name, Meter& meter);
Result<std::optional<Value>> LookUp(const Value& map, const Value& key, Meter& meter);
Result<std::vector<Value>> KeysOf(const Value& map, Meter& meter);

// Errors: those of the meter.
Result<bool> Same(const Value& a, const Value& b, Meter& meter);
// Compares two numbers, strings, timestamps, durations or bools; nullopt when they cannot be
// ordered.
std::optional<int> Order(const Value& a, const Value& b);
// A text that is the same for equal values only. Errors: those of the meter.
Result<std::string> KeyText(const Value& value, Meter& meter);
// The identity of an item in a list: its keys in a list-map, otherwise the whole item.
Result<std::string> IdentityText(const SchemaNode* list, const Value& item, Meter& meter);

// The rune at `at`, which is advanced past it; an invalid byte counts as one rune.
std::uint32_t NextRune(std::string_view text, std::size_t& at);
void AppendRune(std::string& out, std::uint32_t rune);

// Names that are not CEL identifiers are escaped as in Kubernetes: __dash__, __dot__, __slash__,
// __underscores__, __KEYWORD__.
std::string UnescapeName(std::string_view name);
// Whether `written` is a spelling of the field `name`.
bool IsNameOf(std::string_view written, const std::string& name);

// Nanoseconds since 1970 of an RFC 3339 time; nullopt when malformed.
std::optional<std::int64_t> ParseTimestamp(std::string_view text);
// Nanoseconds of a duration as Go writes it, "1h30m" or "1.5s"; nullopt when malformed.
std::optional<std::int64_t> ParseDuration(std::string_view text);

}  // namespace capstan::apiserver::cel
